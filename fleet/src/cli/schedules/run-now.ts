/** `timeball schedules run NAME`: one run, now, here; a controller need not be there. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { runSchedule } from '../../app/schedules/run-schedule.ts'
import { seeSchedules } from '../../app/schedules/keep-schedules.ts'
import type { ScheduleRun } from '../../core/schedules/memory.ts'
import type { ScheduleName } from '../../core/schedules/schedule.ts'
import type { ScheduleSeen } from '../../core/schedules/seen.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { readFleet } from '../start.ts'
import { scheduleRecord } from './list.ts'
import { scheduleWorld } from './world.ts'

export async function runScheduleNow(
  context: Context,
  name: ScheduleName,
  options: FleetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const read = await readFleet(context, undefined, options)
  if (!read.ok) return read.failure
  const { loaded } = read.value
  const { schedules } = loaded.fleet.settings
  const schedule = schedules[name]
  if (schedule === undefined) {
    const fix = `schedules: { ${name}: { cron: "30 2 * * *" } } in fleet.yaml`
    return refuse(terminal, [usageProblem(`${name} is not scheduled`, fix)])
  }
  const obstacle = context.enterNetwork(loaded)
  if (obstacle !== null) return refuse(terminal, [obstacle])
  const world = scheduleWorld(context, loaded, options)
  const run = await runSchedule(name, world)
  const [seen] = await seeSchedules({ [name]: schedule }, world)
  return await tell(context, { name, run, seen }, options)
}

interface Ran {
  readonly name: ScheduleName
  /** `null`: another process runs it. */
  readonly run: ScheduleRun | null
  readonly seen: ScheduleSeen | undefined
}

async function tell(
  context: Context,
  { name, run, seen }: Ran,
  options: FleetOptions,
): Promise<ExitCode> {
  const records = await openRecords(context, options.json)
  if (seen !== undefined) records?.write(scheduleRecord(seen))
  const exit = run?.outcome === 'good' ? exitCodes.done : exitCodes.failed
  if (records === null || exit !== exitCodes.done) {
    const how =
      run === null ? 'it runs already, in another process' : `${run.outcome}: ${run.message}`
    context.terminal.say(`timeball: ${name}: ${how}`)
  }
  return records?.result(exit, {}) ?? exit
}
