/** `.timeball/schedule-NAME.json`: how it went the last time. */
import { z } from 'zod'
import type { ScheduleName } from './schedule.ts'

export function scheduleFile(name: ScheduleName): string {
  return `schedule-${name}.json`
}

const run = z.object({
  started_unix_ms: z.number().nonnegative(),
  ended_unix_ms: z.number().nonnegative(),
  /** `interrupted`: by the end of the process; it is made up for. */
  outcome: z.enum(['good', 'failed', 'interrupted']),
  /** One sentence. */
  message: z.string(),
})

const schema = z.object({
  version: z.literal(1),
  /** Since when there is this schedule. */
  since_unix_ms: z.number().nonnegative(),
  /** `null`: it never ran. */
  last: run.nullable(),
  /** Of the last run that was good; `null`: none was. */
  good_unix_ms: z.number().nonnegative().nullable(),
})

export type ScheduleRun = z.output<typeof run>
export type ScheduleMemory = z.output<typeof schema>

export function newMemory(nowUnixMs: number): ScheduleMemory {
  return { version: 1, since_unix_ms: nowUnixMs, last: null, good_unix_ms: null }
}

/** `null`: it is damaged, and is begun anew. */
export function parseSchedule(text: string): ScheduleMemory | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export function formatSchedule(memory: ScheduleMemory): string {
  return `${JSON.stringify(memory, null, 2)}\n`
}

export function withRun(memory: ScheduleMemory, last: ScheduleRun): ScheduleMemory {
  const good = last.outcome === 'good' ? last.ended_unix_ms : memory.good_unix_ms
  return { ...memory, last, good_unix_ms: good }
}
