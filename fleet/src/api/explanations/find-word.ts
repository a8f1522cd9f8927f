/** All words that `timeball explain` knows, and how one is found. */
import { nearestFew } from '@timeball/lib/nearest.ts'
import { alertNames, type AlertName } from '../../core/monitoring/alert-names.ts'
import { failureCodes } from '../../core/failure.ts'
import { wayOn } from '../explain.ts'
import { exitMeanings } from '../exit-codes.ts'
import { clockFaultWords, clockVerdictWords, timeStateWords } from './clock-words.ts'
import { meaning, type Explanation } from './explanation.ts'
import { healthCheckWords, healthVerdictWords, rolloutWords } from './health-words.ts'

/** A table of words; a word can be in several, and means something else in each. */
export interface Vocabulary {
  readonly kind: string
  readonly words: ReadonlyMap<string, Explanation>
}

const failures = new Map(
  failureCodes.map((code) => [
    code,
    meaning(`A device failed with ${code}.`, { next: wayOn(code) }),
  ]),
)

const exits = new Map(
  [...exitMeanings].map(([exit, text]) => [String(exit), meaning(`Exit code ${exit}: ${text}.`)]),
)

export const vocabularies: readonly Vocabulary[] = [
  { kind: 'verdict of clock', words: new Map(Object.entries(clockVerdictWords)) },
  { kind: 'fault of clock', words: new Map(Object.entries(clockFaultWords)) },
  { kind: 'state of time', words: new Map(Object.entries(timeStateWords)) },
  { kind: 'verdict of health', words: new Map(Object.entries(healthVerdictWords)) },
  { kind: 'check of health', words: new Map(Object.entries(healthCheckWords)) },
  { kind: 'status of a rollout', words: new Map(Object.entries(rolloutWords)) },
  { kind: 'failure of a device', words: failures },
  { kind: 'exit code', words: exits },
]

export interface Found {
  readonly word: string
  readonly kind: string
  readonly explanation: Explanation
}

/** Case and `_` for `-` make no difference. Empty: nothing has this name. */
export function findWord(text: string): readonly Found[] {
  const wanted = plain(text)
  return vocabularies.flatMap(({ kind, words }) =>
    [...words].flatMap(([word, explanation]) =>
      plain(word) === wanted ? [{ word, kind, explanation }] : [],
    ),
  )
}

/** With or without the prefix that alerts have in Prometheus; `null`: no alert has this name. */
export function findAlert(text: string): AlertName | null {
  const wanted = plain(text)
  const meant = alertNames.filter((name) => wanted.endsWith(plain(name)))
  return meant.toSorted((one, other) => other.length - one.length)[0] ?? null
}

export function knownWords(): readonly string[] {
  const words = vocabularies.flatMap((each) => [...each.words.keys()])
  return [...new Set([...words, ...alertNames])]
}

/** What may have been meant. */
export function wordsLike(text: string): readonly string[] {
  return nearestFew(text, knownWords(), 3)
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll('_', '-')
}
