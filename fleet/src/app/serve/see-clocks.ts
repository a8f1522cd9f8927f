/** One sweep as the controller keeps it: with scores, objectives and the quorum. */
import type { SampleStore } from '../../ports/sample-store.ts'
import { goodIn, quorumOf } from '../../core/controller/quorum.ts'
import type { ClocksSeen } from '../../core/controller/view.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { ClockWorld } from '../../ports/clock-world.ts'
import { clockRows } from '../clock-rows.ts'
import { sweepClocks } from '../sweep-clocks.ts'
import type { Attain } from './attainments.ts'

export interface Seeing {
  readonly outside: ClockWorld
  readonly store: SampleStore
  readonly attain: Attain
  readonly signal: AbortSignal
}

/** `null`: the sweep was cut short, and says nothing about the servers. */
export async function seeClocks(
  fleet: Fleet,
  { outside, store, attain, signal }: Seeing,
): Promise<ClocksSeen | null> {
  const sweep = await sweepClocks(fleet, outside, store, signal)
  const { startedUnixMs, tookSeconds, time } = sweep
  const options = { outside: null, store, objective: 'left-out', signal } as const
  const rows = await clockRows(sweep, fleet, options)
  if (signal.aborted) return null
  const good = goodIn(sweep)
  return {
    startedUnixMs,
    tookSeconds,
    time,
    rows: await attain(rows, fleet.settings, startedUnixMs),
    quorum: quorumOf(fleet, sweep, good),
    good,
  }
}
