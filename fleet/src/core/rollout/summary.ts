/** A rollout as one row of a list, which is kept up to date so that no journal is read for it. */
import type { RolloutEvent } from './event.ts'
import { reason } from './reason.ts'

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

/**
 * The row after more events; `before` is `null` for a new rollout. `null`: there is nothing to write.
 * Throws for a new one that does not begin with `started`.
 */
export function summarize(
  before: RolloutSummary | null,
  rollout: string,
  events: readonly RolloutEvent[],
): RolloutSummary | null {
  const [first] = events
  if (first === undefined) return null
  const start = before ?? begin(rollout, first)
  const changedUnixMs = events.at(-1)?.atUnixMs ?? start.changedUnixMs
  return { ...start, changedUnixMs, status: events.reduce(statusAfter, start.status) }
}

function begin(rollout: string, event: RolloutEvent): RolloutSummary {
  if (event.type !== 'started') throw new Error(`${rollout} does not begin with "started"`)
  const { by, why, release, plan, atUnixMs } = event
  return {
    rollout,
    startedUnixMs: atUnixMs,
    changedUnixMs: atUnixMs,
    by,
    why: reason(why),
    image: release.image,
    imageAsWritten: release.imageAsWritten,
    digest: release.digest,
    devices: plan.waves.reduce((sum, wave) => sum + wave.devices.length, 0),
    status: 'running',
  }
}

/** Whether devices may still be on their way. */
export function isUnfinished({ status }: RolloutSummary): boolean {
  return status === 'running' || status === 'paused' || status === 'rolling-back'
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
