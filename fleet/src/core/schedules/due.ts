/** When a schedule runs next: a function of what it says and of when it last ran. */
import { Cron } from 'croner'
import { sha256Hex } from '../hash/sha256.ts'
import type { ScheduleMemory } from './memory.ts'
import type { Schedule, ScheduleName } from './schedule.ts'

/**
 * Unix ms, not before the time that was planned; `null`: never again. It is due when that is over:
 * runs that were missed are one, one that was interrupted is made up for, and a run of the future
 * (a clock was wrong) counts as one of now.
 */
export function nextRun(
  name: ScheduleName,
  schedule: Schedule,
  memory: Pick<ScheduleMemory, 'since_unix_ms' | 'last'>,
  nowUnixMs: number,
): number | null {
  const { cron, zone, jitter } = schedule
  const { last, since_unix_ms: since } = memory
  if (last?.outcome === 'interrupted') return Math.min(last.ended_unix_ms, nowUnixMs)
  const after = Math.min(last?.started_unix_ms ?? since, nowUnixMs)
  const pattern = new Cron(cron, { paused: true, mode: '5-part', timezone: zone })
  const planned =
    pattern
      .nextRun(Temporal.Instant.fromEpochMilliseconds(Math.trunc(after)).toString())
      ?.getTime() ?? null
  return planned === null ? null : planned + Math.floor(jitter * share(`${name} ${planned}`))
}

/** From 0 to below 1, the same for the same text. */
function share(text: string): number {
  return Number.parseInt(sha256Hex(text).slice(0, 8), 16) / 0x1_0000_0000
}
