/** argv of `timeball secrets`. */
import type { Command } from 'commander'
import {
  examples,
  fleetFiles,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
  type CommandParts,
} from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import type { GetOptions } from './get.ts'
import type { ImportOptions } from './import.ts'
import type { RekeyOptions } from './rekey.ts'
import type { SetOptions } from './set.ts'

const placeHelp = 'a name, or DEVICE/NAME for one device alone, such as pi-gps-01/API_KEY_1'

export const secretsEntry: CommandEntry = {
  usage: 'secrets',
  summary: 'The keys of the fleet, in the store that fleet.yaml names.',
  define(secrets, parts) {
    const { shell, end } = parts
    secrets.addHelpText(
      'after',
      examples('secrets list', 'secrets set pi-gps-01/API_KEY_1 --generate'),
    )
    jsonOption(fleetFiles(secrets.command('list')))
      .description('Names, ages and fingerprints; no values.')
      .addHelpText('after', examples('secrets list', 'secrets list --json'))
      .action(async (options: FleetOptions) => {
        const { listCommand } = await import('./list.ts')
        end(await listCommand(await shell.open(), options))
      })
    jsonOption(fleetFiles(secrets.command('set')))
      .description('Keep a value; it is asked for, or comes on standard input.')
      .argument('<place>', placeHelp)
      .option('--generate', 'a random key of 256 bits instead, which nobody needs to see')
      .addHelpText(
        'after',
        examples(
          'secrets set pi-gps-01/API_KEY_1 --generate',
          'secrets set pi-gps-01/API_KEY_1 < key.txt',
        ),
      )
      .action(async (place: string, options: SetOptions) => {
        const { setCommand } = await import('./set.ts')
        end(await setCommand(await shell.open(), place, options))
      })
    jsonOption(fleetFiles(secrets.command('get')))
      .description('One secret: its age and fingerprint, or with --reveal its value alone.')
      .argument('<place>', placeHelp)
      .option('--reveal', 'print the value')
      .addHelpText(
        'after',
        examples('secrets get pi-gps-01/API_KEY_1', 'secrets get API_KEY_1 --reveal > key.txt'),
      )
      .action(async (place: string, options: GetOptions) => {
        const { getCommand } = await import('./get.ts')
        end(await getCommand(await shell.open(), place, options))
      })
    jsonOption(fleetFiles(secrets.command('remove')))
      .description('Take one away. Devices keep it until the next apply.')
      .argument('<place>', placeHelp)
      .addHelpText('after', examples('secrets remove pi-gps-01/API_KEY_2'))
      .action(async (place: string, options: FleetOptions) => {
        const { removeCommand } = await import('./set.ts')
        end(await removeCommand(await shell.open(), place, options))
      })
    defineMoves(secrets, parts)
    refuseUnknown(secrets)
  },
}

/** Those on all secrets at once. */
function defineMoves(secrets: Command, { shell, end }: CommandParts): void {
  jsonOption(fleetFiles(secrets.command('import')))
    .description('Copy all secrets of another store, and read each back to compare.')
    .requiredOption('--from <store>', 'env, age, ansible-vault, or with its file: age:FILE')
    .option('--to <store>', 'the same (default: secrets: of fleet.yaml)')
    .option('--overwrite', 'also where another value is kept already')
    .addHelpText(
      'after',
      examples('secrets import --from env', 'secrets import --from age:old.age.yaml --to age'),
    )
    .action(async (options: ImportOptions) => {
      const { importCommand } = await import('./import.ts')
      end(await importCommand(await shell.open(), options))
    })
  jsonOption(fleetFiles(secrets.command('lint')))
    .description('Does any secret stand in clear in the repository, or in its history?')
    .addHelpText('after', examples('secrets lint', 'secrets lint --json'))
    .action(async (options: FleetOptions) => {
      const { lintCommand } = await import('./lint.ts')
      end(await lintCommand(await shell.open(), options))
    })
  jsonOption(fleetFiles(secrets.command('rekey')))
    .description('Encrypt all secrets anew, for those who can read them or for others.')
    .option('--recipient <age1…>', 'who can read them from now on, and nobody else', several)
    .addHelpText(
      'after',
      examples('secrets rekey', 'secrets rekey --recipient age1… --recipient age1…'),
    )
    .action(async (options: RekeyOptions) => {
      const { rekeyCommand } = await import('./rekey.ts')
      end(await rekeyCommand(await shell.open(), options))
    })
}

function several(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
