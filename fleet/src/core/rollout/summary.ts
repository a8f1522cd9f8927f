/** A rollout as one row of a list, which is kept up to date so that no journal is read for it. */
import type { RolloutEvent } from './event.ts'

export const summaryStatuses = [
  'running',
  'paused',
  'rolling-back',
  'done',
  'rolled_back',
  'aborted',
  'needs_attention',
] as const
export type SummaryStatus = (typeof summaryStatuses)[number]

export interface RolloutSummary {
  readonly rollout: string
  readonly startedUnixMs: number
  /** Of the newest event. */
  readonly changedUnixMs: number
  readonly by: string
  readonly why: string
  /** By digest, and as the operator wrote it. */
  readonly image: string
  readonly imageAsWritten: string
  /** Digest of the release. */
  readonly digest: string
  /** How many devices have a place in its waves. */
  readonly devices: number
  readonly status: SummaryStatus
}

/** The same rules as the state machine has (`evolve.ts`), for the status alone. */
export function statusAfter(status: SummaryStatus, event: RolloutEvent): SummaryStatus {
  switch (event.type) {
    case 'started':
      return 'running'
    case 'paused':
      return status === 'running' ? 'paused' : status
    case 'resumed':
    case 'promoted':
      return resumedFrom(status)
    case 'rolling-back':
      return 'rolling-back'
    case 'ended':
      return event.result
    default:
      return status
  }
}

function resumedFrom(status: SummaryStatus): SummaryStatus {
  return status === 'running' || status === 'paused' || status === 'done'
    ? 'running'
    : 'rolling-back'
}
