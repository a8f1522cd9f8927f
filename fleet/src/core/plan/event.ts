/** What happens while an operation runs. Tables, JSON lines and progress are views of these. */
import type { Failure } from '../failure.ts'

export type Phase =
  | 'observing'
  | 'waiting'
  | 'reverting'
  | 'applying'
  | 'confirming'
  | 'rebooting'
  | 'settling'

/** How it ended for one device. */
export interface DeviceOutcome {
  readonly device: string
  /**
   * `lost`: it was being changed when it stopped answering, and reverts by itself.
   * `not-reached`: nothing was sent to it, because the operation stopped before.
   */
  readonly status: 'changed' | 'unchanged' | 'failed' | 'lost' | 'not-reached'
  /** Resources that were changed. */
  readonly changed: number
  /** The active generation; `null` when not known. */
  readonly generation: number | null
  /** Whether it serves good time now; `unwatched` when nobody waited for it. */
  readonly service: 'serving' | 'settling' | 'unwatched'
  /** Why it does not serve good time yet, as a printable phrase; `null` unless it is settling. */
  readonly serviceReason: string | null
  readonly failure: Failure | null
}

export type FleetEvent =
  | { readonly type: 'phase'; readonly device: string; readonly phase: Phase }
  | { readonly type: 'observed'; readonly device: string; readonly failure: Failure | null }
  | {
      readonly type: 'resource'
      readonly device: string
      readonly resource: string
      readonly change: string
      readonly ms: number
    }
  | { readonly type: 'outcome'; readonly outcome: DeviceOutcome }
