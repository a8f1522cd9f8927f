/** What commands on backups need of this machine. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Context } from '../cli/context.ts'
import { defaultSections } from '../core/settings/default-sections.ts'
import type { BackupSettings } from '../core/backup/settings.ts'
import type { BackupStore } from '../ports/backup-store.ts'
import { openBackupStore, type Environment } from '../stores/registry.ts'
import { openHostKeys } from './host-keys.ts'
import { restoredFiles } from './restore-files.ts'

type Parts = Pick<Context, 'terminal' | 'abort'>

export function backupsWith(
  environment: Environment,
  { terminal, abort: signal }: Parts,
): Pick<
  Context,
  'openBackups' | 'openRepository' | 'controllerArchive' | 'hostKeys' | 'restoredFiles'
> {
  const open = (settings: BackupSettings): Promise<BackupStore> =>
    openBackupStore(settings, {
      ...{ environment, signal },
      askPassphrase: (file) => terminal.askHidden(`Passphrase of ${file}: `),
    })
  return {
    restoredFiles,
    openBackups: ({ fleet }) => open(fleet.settings.backup),
    openRepository(repository) {
      const isElsewhere = /^[a-z0-9]+:/.test(repository)
      const store = isElsewhere || isRestic(repository) ? 'restic' : 'age'
      const at = isElsewhere ? repository : resolve(repository)
      return open({ ...defaultSections.backup, store, repository: at })
    },
    hostKeys: ({ fleet: { settings }, stateFolder }, { acceptNewHostKeys }) =>
      openHostKeys({
        ...{ settings, stateFolder },
        hostKeys: acceptNewHostKeys === true ? 'accept-new' : 'strict',
        runtimeFolder: environment['XDG_RUNTIME_DIR'] ?? null,
      }),
    controllerArchive: async (loaded, options) =>
      (await import('./controller-archive.ts')).controllerArchive(loaded, options),
  }
}

/** A folder that restic has made. */
function isRestic(folder: string): boolean {
  return existsSync(join(folder, 'config')) && existsSync(join(folder, 'keys'))
}
