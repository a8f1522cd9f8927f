/** argv of `timeball keys`. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { parseDurationMs } from '@timeball/lib/duration.ts'
import { exportForms } from '../../core/keys/format-export.ts'
import {
  deviceOptions,
  examples,
  fleetFiles,
  hostKeyOption,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
  type CommandParts,
} from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import type { ExportOptions } from './export.ts'
import type { RevokeOptions } from './revoke.ts'
import type { RotateOptions } from './rotate.ts'

export const keysEntry: CommandEntry = {
  usage: 'keys',
  summary: 'The key of each device: its age, and a new one without a gap.',
  define(keys, parts) {
    const { shell, end } = parts
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
    defineExport(keys, parts)
    defineRevoke(keys, parts)
    refuseUnknown(keys)
  },
}

function defineExport(keys: Command, { shell, end }: CommandParts): void {
  deviceOptions(keys.command('export [targets]'))
    .description(
      'The keys that clients are to use now, in clear: into a file that only its owner reads, or a program.',
    )
    .requiredOption('-o, --out <file>', 'where to; - is standard output, which must be no terminal')
    .addOption(
      new Option('--format <form>', 'json, or env: lines as secrets: env reads them')
        .choices(exportForms)
        .default('json'),
    )
    .addHelpText(
      'after',
      examples('keys export --out keys.json', 'keys export stratum2 --format env --out keys.env'),
    )
    .action(async (targets: string | undefined, options: ExportOptions) => {
      const { exportCommand } = await import('./export.ts')
      end(await exportCommand(await shell.open(), targets, options))
    })
}

function defineRevoke(keys: Command, { shell, end }: CommandParts): void {
  hostKeyOption(jsonOption(fleetFiles(keys.command('revoke <device>'))))
    .description(
      'For a device that was stolen: nothing goes to it any more, and its keys are refused wherever they were valid.',
    )
    .option('--undo', 'it is in good hands again, or another device has its name')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('keys revoke pi-ntp-02', 'keys revoke pi-ntp-02 --undo'))
    .action(async (device: string, options: RevokeOptions) => {
      const { revokeCommand } = await import('./revoke.ts')
      end(await revokeCommand(await shell.open(), device, options))
    })
}

const dayMs = 24 * 3_600_000

function overlap(text: string): number {
  const ms = parseDurationMs(text)
  if (ms !== null && ms <= 90 * dayMs) return ms
  throw new InvalidArgumentError('It is a time such as 30m, 24h or 7d, at most 90d.')
}
