/** argv of `timeball backup`. */
import {
  deviceOptions,
  examples,
  fleetFiles,
  hostKeyOption,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import type { RunOptions } from './run.ts'
import type { PruneOptions, VerifyOptions } from './verify.ts'

export const backupEntry: CommandEntry = {
  usage: 'backup',
  summary: 'Encrypted backups of devices and of this controller.',
  define(backup, { shell, end }) {
    backup.addHelpText('after', examples('backup run', 'backup list', 'backup show pi-gps-01'))
    hostKeyOption(deviceOptions(backup.command('run [targets]')))
      .description('Back up devices, one round trip each; without targets this controller, too.')
      .option('--no-controller', 'only devices')
      .addHelpText('after', examples('backup run', 'backup run stratum1', 'backup run @failed'))
      .action(async (targets: string | undefined, options: RunOptions) => {
        const { runBackup } = await import('./run.ts')
        end(await runBackup(await shell.open(), targets, options))
      })
    jsonOption(fleetFiles(backup.command('list [device]')))
      .description('The backups that there are, oldest first. Contacts no device.')
      .addHelpText('after', examples('backup list', 'backup list pi-gps-01 --json'))
      .action(async (device: string | undefined, options: FleetOptions) => {
        const { listBackups } = await import('./list.ts')
        end(await listBackups(await shell.open(), device, options))
      })
    jsonOption(fleetFiles(backup.command('show <backup>')))
      .description('What is in a backup, named by its id, or in the newest one of a device.')
      .addHelpText('after', examples('backup show pi-gps-01', 'backup show 1f2e3d4c'))
      .action(async (text: string, options: FleetOptions) => {
        const { showBackup } = await import('./list.ts')
        end(await showBackup(await shell.open(), text, options))
      })
    jsonOption(fleetFiles(backup.command('diff <older> <newer>')))
      .description('Which files differ between two backups.')
      .addHelpText('after', examples('backup diff 1f2e3d4c pi-gps-01'))
      .action(async (older: string, newer: string, options: FleetOptions) => {
        const { diffBackups } = await import('./list.ts')
        end(await diffBackups(await shell.open(), [older, newer], options))
      })
    jsonOption(fleetFiles(backup.command('verify')))
      .description('Whether all backups are whole, and the newest of each device can be read.')
      .option('--read-data', 'read every byte of all of them')
      .option('--rotate', 'read one part of all bytes, the next one in each run')
      .addHelpText('after', examples('backup verify', 'backup verify --rotate'))
      .action(async (options: VerifyOptions) => {
        const { verifyBackups } = await import('./verify.ts')
        end(await verifyBackups(await shell.open(), options))
      })
    jsonOption(fleetFiles(backup.command('prune')))
      .description('Remove what backup.keep does not keep; never the last good one of a device.')
      .option('--dry-run', 'show what would be removed, and remove nothing')
      .option('-y, --yes', 'do not ask')
      .addHelpText('after', examples('backup prune --dry-run', 'backup prune --yes'))
      .action(async (options: PruneOptions) => {
        const { pruneBackups } = await import('./verify.ts')
        end(await pruneBackups(await shell.open(), options))
      })
    refuseUnknown(backup)
  },
}
