/** argv of `timeball backup`. */
import { InvalidArgumentError, type Command } from 'commander'
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
import type { DrillOptions } from './drill.ts'
import type { RestoreOptions } from './restore.ts'
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
    keepingCommands(backup, { shell, end })
    restoreCommand(backup, { shell, end })
    refuseUnknown(backup)
  },
}

type Parts = Pick<CommandParts, 'shell' | 'end'>

function keepingCommands(backup: Command, { shell, end }: Parts): void {
  jsonOption(fleetFiles(backup.command('verify')))
    .description('Whether all backups are whole, and the newest of each device can be read.')
    .option('--read-data', 'read every byte of all of them')
    .option('--rotate', 'read one part of all bytes, the next one in each run')
    .addHelpText('after', examples('backup verify', 'backup verify --rotate'))
    .action(async (options: VerifyOptions) => {
      const { verifyBackups } = await import('./verify.ts')
      end(await verifyBackups(await shell.open(), options))
    })
  deviceOptions(backup.command('drill [targets]'))
    .description('Rehearse a restore from the newest backup of each device.')
    .option('--boot-on <device>', 'boot it in a container there and ask it for time')
    .addHelpText('after', examples('backup drill', 'backup drill pi-gps-01 --boot-on pi-ntp-02'))
    .action(async (targets: string | undefined, options: DrillOptions) => {
      const { drillBackups } = await import('./drill.ts')
      end(await drillBackups(await shell.open(), targets, options))
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
}

function restoreCommand(backup: Command, { shell, end }: Parts): void {
  hostKeyOption(jsonOption(fleetFiles(backup.command('restore <device>'))))
    .description(
      'Make a blank device what a lost one was, or this machine its controller ("controller").',
    )
    .option('--to <host>', 'at another address than that of the inventory')
    .option('--at <time>', 'from the newest backup until then: 2026-11-29T02:00Z', instant)
    .option('--host-key <fingerprint>', 'the new key of the device: SHA256:…, as you compared it')
    .option('--from <repository>', 'of the controller: where its backups are, without fleet.yaml')
    .option('--state-only', 'of the controller: only what is remembered, in .timeball/')
    .option('--dry-run', 'show the plan, and change nothing on the device')
    .option('--allow-reboot', 'reboot where a change of the boot lines needs it')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples('backup restore pi-gps-01 --dry-run', 'backup restore pi-gps-01 --to 192.168.1.103'),
    )
    .action(async (device: string, options: RestoreOptions) => {
      const { restoreDevice } = await import('./restore.ts')
      end(await restoreDevice(await shell.open(), device, options))
    })
}

function instant(text: string): number {
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return ms
  throw new InvalidArgumentError('It is a time such as 2026-11-29T02:00Z.')
}
