/** argv of `timeball access`. */
import {
  deviceOptions,
  examples,
  hostKeyOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import type { AccessOptions } from './access.ts'

export const accessEntry: CommandEntry = {
  usage: 'access',
  summary: 'Who may log in to devices: operators, their keys, and how sshd lets them in.',
  define(access, { shell, end }) {
    access.addHelpText('after', examples('access plan', 'access apply stratum2'))
    hostKeyOption(deviceOptions(access.command('plan [targets]')))
      .description('What would change of accounts, keys and sshd. Changes nothing.')
      .addHelpText('after', examples('access plan', 'access plan pi-ntp-01 --json'))
      .action(async (targets: string | undefined, options: AccessOptions) => {
        const { accessCommand } = await import('./access.ts')
        end(await accessCommand(await shell.open(), targets, { ...options, does: 'plan' }))
      })
    hostKeyOption(deviceOptions(access.command('apply [targets]')))
      .description(
        'Make these changes, one device first; a device that cannot be reached anew reverts.',
      )
      .option('-y, --yes', 'do not ask')
      .addHelpText('after', examples('access apply', 'access apply stratum2 --yes'))
      .action(async (targets: string | undefined, options: AccessOptions) => {
        const { accessCommand } = await import('./access.ts')
        end(await accessCommand(await shell.open(), targets, { ...options, does: 'apply' }))
      })
    refuseUnknown(access)
  },
}
