/** The schedules of a controller: what is due is run, each at its own pace. */
import { nextRun } from '../../core/schedules/due.ts'
import { newMemory } from '../../core/schedules/memory.ts'
import { scheduleNames, type ScheduleName } from '../../core/schedules/schedule.ts'
import type { ScheduleSettings } from '../../core/schedules/settings.ts'
import type { ScheduleSeen } from '../../core/schedules/seen.ts'
import { runSchedule, type ScheduleWorld } from './run-schedule.ts'

export interface KeptSchedules {
  readonly world: ScheduleWorld
  /** As the fleet's files say now. */
  readonly settings: () => ScheduleSettings
  readonly time: { wait(ms: number, signal: AbortSignal): Promise<void> }
  readonly log: (line: string) => void
}

/** Finer than the minutes of cron. */
const lookEveryMs = 15_000

/** Runs until `stop` fires, and then until what runs has ended. */
export async function keepSchedules(parts: KeptSchedules, stop: AbortSignal): Promise<void> {
  const running = new Map<ScheduleName, Promise<void>>()
  while (!stop.aborted) {
    for (const name of await due(parts)) {
      if (running.has(name)) continue
      const ended = run(name, parts).finally(() => running.delete(name))
      running.set(name, ended)
    }
    await parts.time.wait(lookEveryMs, stop)
  }
  await Promise.all(running.values())
}

/** One that nobody has seen before is remembered, so that its time passes from now on. */
async function due({ world, settings }: KeptSchedules): Promise<readonly ScheduleName[]> {
  const found: ScheduleName[] = []
  for (const { name, schedule } of entriesOf(settings())) {
    const now = world.nowUnixMs()
    const memory = await world.memory(name)
    if (memory === null) await world.keep(name, newMemory(now))
    const next = memory === null ? null : nextRun(name, schedule, memory, now)
    if (next !== null && next <= now) found.push(name)
  }
  return found
}

async function run(name: ScheduleName, { world, log }: KeptSchedules): Promise<void> {
  try {
    const ended = await runSchedule(name, world)
    // Who runs it by hand sees how it goes.
    if (ended !== null) log(`schedule ${name}: ${ended.outcome}: ${ended.message}`)
  } catch (error) {
    log(`schedule ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** In the order of their names' list. */
export async function seeSchedules(
  settings: ScheduleSettings,
  world: Pick<ScheduleWorld, 'memory' | 'nowUnixMs'>,
): Promise<readonly ScheduleSeen[]> {
  return await Promise.all(
    entriesOf(settings).map(async ({ name, schedule }) => {
      const now = world.nowUnixMs()
      const memory = (await world.memory(name)) ?? newMemory(now)
      const nextUnixMs = nextRun(name, schedule, memory, now)
      return { name, schedule, memory, nextUnixMs }
    }),
  )
}

function entriesOf(settings: ScheduleSettings) {
  return scheduleNames.flatMap((name) => {
    const schedule = settings[name]
    return schedule === undefined ? [] : [{ name, schedule }]
  })
}
