/** argv of `timeball schedules`. */
import { Argument } from 'commander'
import { scheduleNames, type ScheduleName } from '../../core/schedules/schedule.ts'
import {
  examples,
  fleetFiles,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'

export const schedulesEntry: CommandEntry = {
  usage: 'schedules',
  summary: 'What serve does by itself, how that went, and when it does it next.',
  define(schedules, { shell, end }) {
    jsonOption(fleetFiles(schedules.command('list', { isDefault: true })))
      .description('Each schedule with its last run, its result and its next run.')
      .addHelpText('after', examples('schedules list', 'schedules list --json'))
      .action(async (options: FleetOptions) => {
        const { listSchedules } = await import('./list.ts')
        end(await listSchedules(await shell.open(), options))
      })
    jsonOption(fleetFiles(schedules.command('run')))
      .addArgument(new Argument('<name>', 'which one').choices(scheduleNames))
      .description('Run one now, and keep its result.')
      .addHelpText('after', examples('schedules run drift', 'schedules run backup --json'))
      .action(async (name: ScheduleName, options: FleetOptions) => {
        const { runScheduleNow } = await import('./run-now.ts')
        end(await runScheduleNow(await shell.open(), name, options))
      })
    schedules.addHelpText('after', examples('schedules', 'schedules run backup'))
    refuseUnknown(schedules)
  },
}
