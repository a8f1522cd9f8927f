/** Why a fleet is not changed now. How it is said, and the exit code, is for who shows it. */
import type { Problem } from '@timeball/lib/problem.ts'
import type { BlockedRelease } from '../../core/rollout/blocked-release.ts'
import type { RolloutRequest } from '../../core/rollout/event.ts'
import type { Elsewhere } from '../../core/rollout/elsewhere.ts'
import type { LeaseHolder } from '../../core/rollout/lease.ts'
import type { RolloutStatus } from '../../core/rollout/state.ts'
import type { RolloutSummary } from '../../core/rollout/summary.ts'

export type Refusal =
  | { readonly kind: 'claimed'; readonly holder: LeaseHolder }
  /** Two releases on their way at once: nobody could say to what a device returns. */
  | { readonly kind: 'unfinished'; readonly rollout: RolloutSummary }
  | { readonly kind: 'blocked'; readonly release: BlockedRelease }
  | TakesBack
  /** Another state directory changed these devices a moment ago. */
  | ({ readonly kind: 'elsewhere' } & Elsewhere)
  /** A freeze window, or a leap second. */
  | { readonly kind: 'frozen'; readonly why: string }
  /** Too few good servers would be left. */
  | { readonly kind: 'quorum'; readonly problems: readonly Problem[] }
  /** A saved plan: these devices moved since. */
  | { readonly kind: 'stale'; readonly devices: readonly string[] }
  /** The files of the fleet say something else now for devices that a rollout has still to move. */
  | { readonly kind: 'changed'; readonly devices: readonly string[] }
  | Impossible
  /** Events of its journal are broken, so that it cannot go forward. */
  | { readonly kind: 'broken-journal'; readonly rollout: string }

/** A rollout moved the devices to an image that `fleet.yaml` does not have yet. */
export interface TakesBack {
  readonly kind: 'takes-back'
  readonly rollout: RolloutSummary
  /** What `fleet.yaml` still says, as written. */
  readonly image: string
}

/** What was asked of a rollout cannot be done in the state in which it is. */
export interface Impossible {
  readonly kind: 'impossible'
  readonly action: RolloutRequest['action']
  readonly rollout: string
  readonly status: RolloutStatus
  /** As `core/rollout/requests.ts` says it. */
  readonly why: string
}
