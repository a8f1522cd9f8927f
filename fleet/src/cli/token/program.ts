/** argv of `timeball token`. */
import { Option } from 'commander'
import { roles } from '../../core/controller/roles.ts'
import {
  examples,
  fleetFiles,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import { durationFrom } from '../option-values.ts'
import type { CreateOptions } from './create.ts'

const day = 86_400_000

export const tokenEntry: CommandEntry = {
  usage: 'token',
  summary: 'Tokens for the API of the controller: create, list, revoke.',
  define(token, { shell, end }) {
    token.addHelpText('after', examples('token create ci --role viewer', 'token list'))
    jsonOption(fleetFiles(token.command('create <name>')))
      .description('Makes a token, and prints it once.')
      .addOption(
        new Option('--role <role>', 'what it is good for').choices(roles).default('viewer'),
      )
      .option(
        '--expires <time>',
        'how long it is valid, at most two years',
        durationFrom(60_000, 731 * day),
        90 * day,
      )
      .addHelpText(
        'after',
        examples('token create ci', 'token create ada --role operator --expires 30d'),
      )
      .action(async (name: string, options: CreateOptions) => {
        const { createCommand } = await import('./create.ts')
        end(await createCommand(await shell.open(), name, options))
      })
    jsonOption(fleetFiles(token.command('list')))
      .description('Names, roles, ends and last uses; no tokens.')
      .addHelpText('after', examples('token list', 'token list --json'))
      .action(async (options: FleetOptions) => {
        const { listCommand } = await import('./list.ts')
        end(await listCommand(await shell.open(), options))
      })
    jsonOption(fleetFiles(token.command('revoke <name>')))
      .description('Takes it back: it is refused within a second, and what it reads ends.')
      .addHelpText('after', examples('token revoke ci'))
      .action(async (name: string, options: FleetOptions) => {
        const { revokeCommand } = await import('./revoke.ts')
        end(await revokeCommand(await shell.open(), name, options))
      })
    refuseUnknown(token)
  },
}
