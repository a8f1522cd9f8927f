/** Success conditions of queries, such as `result < 5`: the words of Argo's `successCondition`. */

const comparisons = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '==': (value: number, limit: number) => value === limit,
  '!=': (value: number, limit: number) => value !== limit,
} as const

/**
 * The first value that does not fulfil the condition; `null`: all do. A condition that cannot be
 * read is fulfilled by nothing: the settings refuse it before.
 */
export function firstViolation(condition: string, values: readonly number[]): number | null {
  const [, sign, limit] = /^result\s*(<=|>=|<|>|==|!=)\s*(-?\d+(?:\.\d+)?)$/.exec(condition) ?? []
  const holds = isComparison(sign) ? comparisons[sign] : () => false
  return values.find((value) => !holds(value, Number(limit))) ?? null
}

function isComparison(sign: string | undefined): sign is keyof typeof comparisons {
  return sign !== undefined && Object.hasOwn(comparisons, sign)
}
