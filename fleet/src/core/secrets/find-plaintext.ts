/** Secrets that stand in clear in a line of text: those that are known, and what looks like one. */
import { redactor } from './redact.ts'
import { Secret } from './secret.ts'
import { formatPlace, type SecretPlace } from './place.ts'

export interface KnownSecret extends SecretPlace {
  readonly secret: Secret
}

/** What the line has, in words without the value; empty: nothing. */
export type FindPlaintext = (line: string) => readonly string[]

/** Values as they are, and in base64, percent-encoded and JSON forms. */
export function plaintextFinder(known: readonly KnownSecret[]): FindPlaintext {
  const named = known.map(({ secret, ...place }) => new Secret(formatPlace(place), secret.reveal()))
  const redact = redactor(named)
  return (line) => {
    const shown = redact(line)
    const found = shown === line ? [] : [...shown.matchAll(/\[secret ([^\]]*)\]/g)]
    const values = found.map(([, name = '']) => `the value of ${name}`)
    return values.length > 0 ? [...new Set(values)] : kindsIn(line)
  }
}

const kinds: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{30}/, 'an age identity'],
  [/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, 'a private key'],
]

/** An assignment to a key's name; what may follow is judged by `looksRandom`. */
const assignment =
  /\b(?:API_KEY_\w{1,40}|api_key_\w{1,40})["']?[ \t]{0,8}[=:][ \t]{0,8}["']?([A-Za-z0-9._~+/=:@%^,-]{12,512})/

function kindsIn(line: string): readonly string[] {
  const found = kinds.flatMap(([pattern, what]) => (pattern.test(line) ? [what] : []))
  if (found.length > 0) return found
  const value = assignment.exec(line)?.[1]
  return value !== undefined && looksRandom(value) ? ['what looks like a key'] : []
}

/** Words of examples have less: three bits for each character is more than English has. */
function looksRandom(value: string): boolean {
  const counts = [...Map.groupBy(value, (character) => character).values()].map(
    ({ length }) => length / value.length,
  )
  const bits = counts.reduce((sum, share) => sum - share * Math.log2(share), 0)
  return bits >= 3 && /\d/.test(value) && /[A-Za-z]/.test(value)
}
