/** Where a rollout is: the fold of its journal. */
import type { Gate, RolloutResult, Started } from './event.ts'

/**
 * - `waiting`: on the old release, untouched; `moving`: an intent is written
 * - `settling`: on the new release, climbing or soaking; `healthy`: it passed
 * - `failed`: on the new release and must be rolled back; `lost`: it does not answer since its change
 * - `returning`: an intent is written; `verifying`: on the old release, not yet seen to serve
 * - `returned`: on the old release, and serves; `stuck`: neither for certain
 * - `not-reached`: left on the old release
 */
export type DevicePhase =
  | 'waiting'
  | 'moving'
  | 'settling'
  | 'healthy'
  | 'failed'
  | 'lost'
  | 'returning'
  | 'verifying'
  | 'returned'
  | 'stuck'
  | 'not-reached'

export interface DeviceState {
  readonly device: string
  readonly wave: number
  readonly phase: DevicePhase
  /** When the phase began. Unix ms, as all times here. */
  readonly sinceMs: number
  /** The newest operation on the device. */
  readonly step: string | null
  /** Operations begun on it, so that each has a name of its own. */
  readonly intents: number
  /** Order in which devices were moved; `null`: not moved. */
  readonly movedAs: number | null
  /** Generations before and after the move; `null`: not known. */
  readonly before: number | null
  readonly after: number | null
  /** The generation with which the old release came back; `null`: it did not. */
  readonly returnedAs: number | null
  /** The generation of ours that was reverted last; `null`: none. */
  readonly reverted: number | null
  /** Errors in its log before the move; `null`: not known. */
  readonly errorsPerMinuteBefore: number | null
  readonly gate: Gate | null
  /** Since when it cannot be reached, which does not count as its time; `null`: it can. */
  readonly silentSinceMs: number | null
  /** Since when that is the first gate that does not hold. */
  readonly gateSinceMs: number
  /** Since when all gates hold; `null`: they do not. */
  readonly soakingSinceMs: number | null
  /** Since when it settles, watched without a break; `null`: it does not, or there was one. */
  readonly settlingSinceMs: number | null
  /** Consecutive checks that slipped, or could not be judged. */
  readonly slips: number
  readonly inconclusive: number
  /** How it counts against the limits of `abort`; stays when the device has reverted. */
  readonly counted: 'failed' | 'lost' | null
  /** The release did not do on it: not merely its disk, its network, or an operator. */
  readonly isReleaseToBlame: boolean
  /** Since when it is not ready; `null`: it is. */
  readonly vetoedSinceMs: number | null
  readonly downtimeSeconds: number | null
  readonly settledSeconds: number | null
  /** Why it was taken back, and what of it was not had back; empty: it was not. */
  readonly takenBackFor: string
  /** The newest reason, for people. */
  readonly detail: string
}

export type RolloutStatus =
  | { readonly kind: 'running' }
  /** `promotion`: the canaries passed, and somebody must say so. */
  | { readonly kind: 'paused'; readonly why: string; readonly awaits: 'resume' | 'promotion' }
  | {
      readonly kind: 'rolling-back'
      readonly why: string
      readonly scope: 'failed' | 'wave' | 'all'
    }
  | { readonly kind: 'ended'; readonly result: RolloutResult; readonly why: string }

export interface RolloutState {
  readonly started: Started
  readonly startedMs: number
  readonly status: RolloutStatus
  /** Index into the waves; -1 before the first. */
  readonly wave: number
  /** The wave up to which an operator said to go on; -2: none. */
  readonly promotedWave: number
  /** Reset by every device that is started or becomes healthy, by a wave, and by `resumed`. */
  readonly progressMs: number
  readonly lastStartMs: number | null
  readonly devices: ReadonlyMap<string, DeviceState>
  /** Devices that are neither wholly old nor wholly new, or were not seen to be good since. */
  readonly inProgress: ReadonlySet<string>
  /** What had to be rolled back when that was last decided; it still has to after an end that failed. */
  readonly scope: 'failed' | 'wave' | 'all'
  /** The release was blocked when that was decided. */
  readonly isBlocked: boolean
  /** What counted against the limits when it was paused, or ended. */
  readonly seen: { readonly failed: number; readonly lost: number }
  /** What `resumed` forgave, as `seen` then: failures before it do not end the rollout again. */
  readonly forgiven: { readonly failed: number; readonly lost: number }
  /** Moves begun so far. */
  readonly moves: number
  readonly events: number
}
