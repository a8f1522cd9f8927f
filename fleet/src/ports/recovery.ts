/** What became of a state that was damaged. */
import type { LeaseHolder } from '../core/rollout/lease.ts'

export type Recovery =
  /** Nothing is wrong with it, or there is none. */
  | { readonly kind: 'sound' }
  /** An operation uses it. */
  | { readonly kind: 'busy'; readonly holder: LeaseHolder }
  | Recovered

export interface Recovered {
  readonly kind: 'recovered'
  /** Where the damaged file is now. */
  readonly keptAt: string
  /** Rollouts that are in the new one. */
  readonly rollouts: number
  /** Those of them whose journal has lost events. */
  readonly torn: readonly string[]
  /** Releases that are blocked in the new one. */
  readonly blocked: number
  /** Of those, images that are so because nobody knows whether they were: they were rolled back. */
  readonly blockedAgain: readonly string[]
  /** What cannot be known any more, each as the beginning of a sentence. */
  readonly lost: readonly string[]
}
