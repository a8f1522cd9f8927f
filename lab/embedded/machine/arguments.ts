/** Options and words of a command line, for programs whose options are known. */
export interface Arguments {
  readonly words: readonly string[]
  /** Options without a value. */
  readonly flags: ReadonlySet<string>
  /** The last one counts. */
  readonly values: ReadonlyMap<string, string>
}

export interface ArgumentRules {
  /** Options whose value is the next word, unless it comes with `=`. */
  readonly withValue: readonly string[]
  /** Everything from the first word on belongs to another program. */
  readonly stopAtWord?: boolean
}

export function readArguments(argv: readonly string[], rules: ArgumentRules): Arguments {
  const words: string[] = []
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const rest = [...argv]
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    const [option = '', value] = next.split(/=(.*)/s)
    if (next === '--') words.push(...rest.splice(0))
    else if (!next.startsWith('-')) {
      words.push(next)
      if (rules.stopAtWord === true) words.push(...rest.splice(0))
    } else if (value !== undefined) values.set(option, value)
    else if (rules.withValue.includes(next)) values.set(next, rest.shift() ?? '')
    else flags.add(next)
  }
  return { words, flags, values }
}
