/**
 * The journal of a rollout. An event is written before what it intends is done, and after what it
 * tells has happened; replaying the journal gives the state. Every event has its time and, where a
 * person caused it, who.
 */
import type { Release, RolloutPlan } from './plan.ts'
import type { RolloutSettings } from './settings.ts'

/** The gates that a changed device passes, in order. */
export const gates = [
  'container',
  'http',
  'contract',
  'gps',
  'pps',
  'synced',
  'offset',
  'truechimer',
  'logs',
  'queries',
] as const
export type Gate = (typeof gates)[number]

export interface Started {
  readonly type: 'started'
  readonly rollout: string
  readonly fleet: string
  readonly by: string
  /** The operator's words. */
  readonly why: string
  readonly release: Release
  readonly plan: RolloutPlan
  readonly settings: RolloutSettings
  /** What each device of the waves had at the start: that is what it returns to. */
  readonly before: Readonly<Record<string, BeforeRollout>>
  /** Selected devices that did not answer: they have no place in the waves, and are not forgotten. */
  readonly unreachable: readonly string[]
  /** How long each device may take to be healthy, learned from its history; others: the settings. */
  readonly settleLimitsMs: Readonly<Record<string, number>>
  /** Explicit and recorded: `--allow-quorum-loss`. */
  readonly allowQuorumLoss: boolean
  /** The reason given with `--override-freeze`; `null`: not overridden. */
  readonly overrideFreeze: string | null
}

export interface BeforeRollout {
  readonly generation: number
  /** The generation that it had reverted last; `null`: none. */
  readonly reverted: number | null
  /** Content address of that generation; `null`: it has none. */
  readonly state: string | null
}

/** How a rollout ended. */
export type RolloutResult =
  /** All devices that could be reached have the new release. */
  | 'done'
  /** What had to be rolled back was, and serves good time. */
  | 'rolled_back'
  /** Ended by hand with devices left as they were. */
  | 'aborted'
  /** Some devices are in neither state for certain; they are named. */
  | 'needs_attention'

export type RolloutEvent = { readonly atUnixMs: number } & (
  | Started
  | { readonly type: 'wave-started'; readonly wave: number }
  | { readonly type: 'wave-passed'; readonly wave: number; readonly detail: string }
  /** Written before the device is touched. `step` names the operation on the device. */
  | { readonly type: 'move-intended'; readonly device: string; readonly step: string }
  /** The device has the new generation, confirmed over a fresh connection. */
  | {
      readonly type: 'moved'
      readonly device: string
      readonly before: number
      readonly after: number
      /** `null`: an earlier runner had begun it. */
      readonly tookSeconds: number | null
      /** Errors in its log on the old release; `null`: not known. */
      readonly errorsPerMinuteBefore: number | null
    }
  /** The NTP port gives good answers again after a change; the longest time without one. */
  | { readonly type: 'served'; readonly device: string; readonly downtimeSeconds: number }
  /** It is not ready, for the first time. */
  | { readonly type: 'vetoed'; readonly device: string; readonly detail: string }
  /** Nothing was changed on it. `refused`: it could not or would not; `shadow`: the release failed beside the old one. */
  | {
      readonly type: 'not-moved'
      readonly device: string
      readonly reason: 'unreachable' | 'vetoed' | 'refused' | 'shadow'
      readonly detail: string
    }
  /** A generation that was not confirmed is taken back: by request, or by the device itself. */
  | {
      readonly type: 'reverted'
      readonly device: string
      readonly generation: number
      /** Such as `not confirmed in time`. */
      readonly detail: string
    }
  /** The change failed and the device put the old generation back by itself. */
  | { readonly type: 'move-failed'; readonly device: string; readonly detail: string }
  /** It was being changed when it stopped answering: it reverts by itself. */
  | { readonly type: 'lost'; readonly device: string; readonly detail: string }
  /** The first gate that does not hold yet; `null`: all hold, the soak begins. */
  | {
      readonly type: 'climbed'
      readonly device: string
      readonly gate: Gate | null
      /** It could not be reached, so nobody knows. */
      readonly isSilent: boolean
      readonly detail: string
    }
  /** In the soak a gate did not hold for one check. */
  | { readonly type: 'slipped'; readonly device: string; readonly detail: string }
  /** A look that could not be judged. */
  | { readonly type: 'inconclusive'; readonly device: string; readonly detail: string }
  /** `settledSeconds`: from the move to the soak; `null` where nobody watched all of it. */
  | { readonly type: 'healthy'; readonly device: string; readonly settledSeconds: number | null }
  | { readonly type: 'unhealthy'; readonly device: string; readonly detail: string }
  | {
      readonly type: 'rolling-back'
      readonly why: string
      readonly scope: 'failed' | 'wave' | 'all'
      /** Then it is blocked: nothing applies it until somebody unblocks it. */
      readonly isReleaseToBlame: boolean
    }
  | { readonly type: 'return-intended'; readonly device: string; readonly step: string }
  | {
      readonly type: 'returned'
      readonly device: string
      readonly generation: number
      /** What of the old release could not be had back, such as `package:gpsd`. */
      readonly missing: readonly string[]
    }
  /** The old release serves good time again. */
  | { readonly type: 'verified'; readonly device: string }
  /** Rolling back did not work, or it cannot be reached: never tried twice by itself. */
  | { readonly type: 'stuck'; readonly device: string; readonly detail: string }
  | {
      readonly type: 'paused'
      readonly by: string
      readonly why: string
      /** `promotion`: the canaries passed, and somebody must say so. */
      readonly awaits: 'resume' | 'promotion'
    }
  | { readonly type: 'resumed'; readonly by: string; readonly why: string }
  | { readonly type: 'promoted'; readonly by: string; readonly why: string }
  | { readonly type: 'ended'; readonly result: RolloutResult; readonly why: string }
)

export const rolloutActions = ['pause', 'resume', 'promote', 'abort', 'rollback'] as const

/** What an operator asks of a rollout that another process runs. */
export interface RolloutRequest {
  readonly action: (typeof rolloutActions)[number]
  readonly by: string
  readonly why: string
}
