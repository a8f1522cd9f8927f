/** What schedules need of a command's world: their memory is beside the state of the fleet. */
import type { ScheduleWorld } from '../../app/schedules/run-schedule.ts'
import { formatSchedule, parseSchedule, scheduleFile } from '../../core/schedules/memory.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { workOf } from './work.ts'

export function scheduleWorld(
  context: Context,
  loaded: LoadedFleet,
  options: FleetOptions,
): ScheduleWorld {
  return {
    async memory(name) {
      const text = await context.readText(`${loaded.stateFolder}/${scheduleFile(name)}`)
      return text.ok ? parseSchedule(text.value) : null
    },
    keep: (name, memory) => context.keep(loaded, scheduleFile(name), formatSchedule(memory)),
    takeTurn: (name) => context.takeTurn(loaded, `schedule-${name}`),
    work: (name) => workOf(name, context, options),
    nowUnixMs: () => context.nowUnixMs(),
  }
}
