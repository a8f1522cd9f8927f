/** A schedule as it is shown: what it says, how it went, when it runs next. */
import type { ScheduleMemory } from './memory.ts'
import type { Schedule, ScheduleName } from './schedule.ts'

export interface ScheduleSeen {
  readonly name: ScheduleName
  readonly schedule: Schedule
  readonly memory: ScheduleMemory
  /** In the past when it is due; `null`: never again. */
  readonly nextUnixMs: number | null
}
