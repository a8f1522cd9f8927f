/** Typed reading of a device's inventory variables, with each mistake at its place in the file. */
import { itemsOf, type Position, type Value } from '@timeball/inventory/value.ts'
import type { Problem } from '@timeball/lib/problem.ts'

/** Reads variables of one device; mistakes are collected in `problems` and the default is used. */
export interface VariableReader {
  readonly problems: readonly Problem[]
  /** Items of a YAML list, or of a text with commas; without blanks around them. */
  list(name: string): readonly string[]
  flag(name: string, fallback: boolean): boolean
  integer(name: string, fallback: number, range: readonly [number, number]): number
  refuse(name: string, what: string, fix: string | null): void
}

const flagWords: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'on', 'true', 'y', '1'].map((word) => [word, true] as const),
  ...['no', 'off', 'false', 'n', '0'].map((word) => [word, false] as const),
])

export function variableReader(
  device: string,
  variables: ReadonlyMap<string, Value>,
  positionOf: (name: string) => Position | null,
): VariableReader {
  const problems: Problem[] = []
  const refuse = (name: string, what: string, fix: string | null): void => {
    const at = positionOf(name)
    problems.push({
      file: at?.file ?? 'inventory',
      line: at?.line ?? null,
      column: at?.column ?? null,
      what: `${device}: ${name} ${what}`,
      fix,
    })
  }
  return {
    problems,
    refuse,
    list(name) {
      const value = variables.get(name) ?? ''
      const items = typeof value === 'string' ? value.split(',') : itemsOf(value)
      if (items?.every((item) => typeof item === 'string') === true) {
        return items.map((item) => item.trim()).filter((item) => item !== '')
      }
      refuse(name, 'is neither a list of texts nor a text with commas', null)
      return []
    },
    flag(name, fallback) {
      const value = variables.get(name) ?? fallback
      const isWord = typeof value === 'string' || typeof value === 'bigint'
      const flag = isWord ? flagWords.get(String(value).trim().toLowerCase()) : value
      if (typeof flag === 'boolean') return flag
      refuse(name, 'is neither yes nor no', 'write yes or no')
      return fallback
    },
    integer(name, fallback, [min, max]) {
      const value = variables.get(name) ?? BigInt(fallback)
      const isDigits = typeof value === 'string' && /^\s*\d{1,9}\s*$/.test(value)
      const number = isDigits || typeof value === 'bigint' ? Number(value) : Number.NaN
      if (number >= min && number <= max) return number
      refuse(name, `is not a whole number from ${min} to ${max}`, null)
      return fallback
    },
  }
}
