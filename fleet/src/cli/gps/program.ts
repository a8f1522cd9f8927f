/** argv of `timeball gps`. */
import {
  examples,
  fleetFiles,
  hostKeyOption,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import { durationFrom } from '../option-values.ts'
import type { CalibrateOptions } from './calibrate.ts'

const minute = 60_000

export const gpsEntry: CommandEntry = {
  usage: 'gps',
  summary: 'Receivers: calibrate.',
  define(gps, { shell, end }) {
    hostKeyOption(jsonOption(fleetFiles(gps.command('calibrate <device>'))))
      .description('Measure how late the sentences of a receiver are, and propose gps_latency.')
      .option(
        '--for <time>',
        'how long, from 30s to 1h (default: 5m)',
        durationFrom(minute / 2, 60 * minute),
      )
      .addHelpText(
        'after',
        examples('gps calibrate pi-gps-01', 'gps calibrate pi-gps-01 --for 15m'),
      )
      .action(async (device: string, options: CalibrateOptions) => {
        const { calibrateCommand } = await import('./calibrate.ts')
        end(await calibrateCommand(await shell.open(), device, options))
      })
    gps.addHelpText('after', examples('gps calibrate pi-gps-01'))
    refuseUnknown(gps)
  },
}
