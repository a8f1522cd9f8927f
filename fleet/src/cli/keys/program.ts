/** argv of `timeball keys`. */
import { InvalidArgumentError } from 'commander'
import { parseDurationMs } from '@timeball/lib/duration.ts'
import {
  deviceOptions,
  examples,
  hostKeyOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import type { RotateOptions } from './rotate.ts'

export const keysEntry: CommandEntry = {
  usage: 'keys',
  summary: 'The key of each device: its age, and a new one without a gap.',
  define(keys, { shell, end }) {
    keys.addHelpText('after', examples('keys list', 'keys rotate stratum2 --overlap 24h'))
    deviceOptions(keys.command('list [targets]'))
      .description('The age of each key, who shares it, and what is due. Contacts nobody.')
      .addHelpText('after', examples('keys list', 'keys list stratum1 --json'))
      .action(async (targets: string | undefined, options: FleetOptions) => {
        const { listCommand } = await import('./list.ts')
        end(await listCommand(await shell.open(), targets, options))
      })
    hostKeyOption(deviceOptions(keys.command('rotate [targets]')))
      .description(
        'A new key for each device, beside the old one; after the overlap the new one alone. Run again, it goes on.',
      )
      .option(
        '--overlap <time>',
        'how long both stay valid from when that was proved, such as 24h, which is usual',
        overlap,
      )
      .option('--wait', 'stay until the overlap is over, and end the rotation')
      .option('-y, --yes', 'do not ask')
      .addHelpText(
        'after',
        examples(
          'keys rotate',
          'keys rotate stratum2 --overlap 24h --yes',
          'keys rotate pi-ntp-01 --overlap 10m --wait',
        ),
      )
      .action(async (targets: string | undefined, options: RotateOptions) => {
        const { rotateCommand } = await import('./rotate.ts')
        end(await rotateCommand(await shell.open(), targets, options))
      })
    refuseUnknown(keys)
  },
}

const dayMs = 24 * 3_600_000

function overlap(text: string): number {
  const ms = parseDurationMs(text)
  if (ms !== null && ms <= 90 * dayMs) return ms
  throw new InvalidArgumentError('It is a time such as 30m, 24h or 7d, at most 90d.')
}
