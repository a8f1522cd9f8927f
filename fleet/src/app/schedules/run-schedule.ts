/** One run of a schedule, by hand or because it is due: never two at once, and its result is kept. */
import {
  newMemory,
  withRun,
  type ScheduleMemory,
  type ScheduleRun,
} from '../../core/schedules/memory.ts'
import type { ScheduleName } from '../../core/schedules/schedule.ts'

export type Outcome = Pick<ScheduleRun, 'outcome' | 'message'>

export interface ScheduleWorld {
  /** `null`: nothing is known of it. */
  memory(name: ScheduleName): Promise<ScheduleMemory | null>
  keep(name: ScheduleName, memory: ScheduleMemory): Promise<void>
  /** The right to run it, which ends with the process at the latest; `null`: another has it. */
  takeTurn(name: ScheduleName): (() => void) | null
  /** Never fails: what goes wrong is its outcome. */
  work(name: ScheduleName): Promise<Outcome>
  nowUnixMs(): number
}

/** `null`: it runs already, here or in another process. */
export async function runSchedule(
  name: ScheduleName,
  world: ScheduleWorld,
): Promise<ScheduleRun | null> {
  const endTurn = world.takeTurn(name)
  if (endTurn === null) return null
  try {
    const started = world.nowUnixMs()
    const { outcome, message } = await world.work(name)
    const ended = world.nowUnixMs()
    const run = { started_unix_ms: started, ended_unix_ms: ended, outcome, message }
    await world.keep(name, withRun((await world.memory(name)) ?? newMemory(started), run))
    return run
  } finally {
    endTurn()
  }
}
