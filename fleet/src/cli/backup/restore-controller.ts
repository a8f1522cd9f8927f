/** `timeball backup restore controller`: this machine goes on where the lost one was. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { controllerSubject } from '../../app/backup/back-up-controller.ts'
import { chooseBackup } from '../../app/backup/choose-backup.ts'
import type { BackupStore, KeptBackup } from '../../ports/backup-store.ts'
import type { Context, LoadedFleet, RestoredFile } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { sayBackupFailure } from './open-backups.ts'
import type { RestoreOptions } from './restore.ts'
import { timeText } from './rows.ts'

const statePath = '.timeball/state.db'

export async function restoreController(
  context: Context,
  options: RestoreOptions,
): Promise<ExitCode> {
  const place = await placeOf(context, options)
  if (!place.ok) return place.failure
  const found = await filesOf(context, place.value.store, options)
  if (!found.ok) return found.failure
  const { backup, files } = found.value
  const { folder } = place.value
  const compared = await Promise.all(
    files.map(async (file) => ({ file, is: await context.restoredFiles.compare(folder, file) })),
  )
  const isRemembered = compared.some(({ file, is }) => file.path === statePath && is !== 'absent')
  const busy = isRemembered ? await whoIsAtWork(context, place.value.loaded) : null
  if (busy !== null) return busy
  const changes = compared.filter(({ is }) => is !== 'same')
  const age = formatSpan(context.nowUnixMs() - backup.takenAtUnixMs)
  const records = await openRecords(context, options.json)
  context.terminal.say(
    `controller from backup ${backup.id}, taken ${timeText(backup.takenAtUnixMs)}, ${age} ago`,
  )
  for (const { file, is } of changes) {
    context.terminal.say(is === 'absent' ? `  + ${file.path}` : `  ~ ${file.path}`)
  }
  const end = (exit: ExitCode): ExitCode => records?.result(exit, {}) ?? exit
  if (changes.length === 0) context.terminal.say('timeball: all is as it was then')
  if (changes.length === 0 || options.dryRun === true) return end(exitCodes.done)
  const declined = await ask(context, changes.length, options)
  if (declined !== null) return end(declined)
  const written = await context.restoredFiles.write(
    folder,
    changes.map(({ file }) => file),
  )
  if (!written.ok) {
    context.terminal.say(`timeball: not all was restored: ${written.failure}`)
    return end(exitCodes.failed)
  }
  sayNext(context, changes.length)
  return end(exitCodes.done)
}

function sayNext({ terminal }: Context, count: number): void {
  terminal.say(`timeball: ${count === 1 ? '1 file' : `${count} files`} restored`)
  terminal.say('    what was there before is beside it, as NAME.before-restore')
  terminal.say(
    '    timeball status says where the fleet is; devices have seen what came later, and',
  )
  terminal.say('    are asked before anything is changed')
}

interface Place {
  readonly folder: string
  readonly store: BackupStore
  /** `null`: there is no fleet here yet. */
  readonly loaded: LoadedFleet | null
}

/** Beside the fleet's files; with `--from` on a machine that has none, in the folder of this command. */
async function placeOf(
  context: Context,
  options: RestoreOptions,
): Promise<Result<Place, ExitCode>> {
  if (options.from !== undefined) {
    const store = await context.openRepository(options.from)
    const folder = options.fleet === undefined ? '.' : folderOf(options.fleet)
    return ok({ folder, store, loaded: null })
  }
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) {
    const exit = refuse(context.terminal, loaded.failure)
    context.terminal.say('    on a machine without the files of the fleet: --from REPOSITORY')
    return fail(exit)
  }
  const store = await context.openBackups(loaded.value)
  return ok({ folder: folderOf(loaded.value.settingsFile), store, loaded: loaded.value })
}

function folderOf(file: string): string {
  const at = file.lastIndexOf('/')
  return at === -1 ? '.' : file.slice(0, at)
}

interface Found {
  readonly backup: KeptBackup
  readonly files: readonly RestoredFile[]
}

async function filesOf(
  context: Context,
  store: BackupStore,
  { at, stateOnly }: RestoreOptions,
): Promise<Result<Found, ExitCode>> {
  const chosen = await chooseBackup(store, {
    ...{ subject: controllerSubject, untilUnixMs: at ?? Number.POSITIVE_INFINITY },
    wants: (path) => isWanted(path, stateOnly),
    onPassedOver: (id, why) => context.terminal.say(`timeball: ${id} is passed over: ${why}`),
  })
  if (!chosen.ok) return fail(sayBackupFailure(context, chosen.failure))
  if (chosen.value !== null) {
    const { backup, opened } = chosen.value
    const files = opened.manifest.files.flatMap(({ path, mode }): RestoredFile[] => {
      const content = opened.contents.get(path)
      return content === undefined ? [] : [{ path, mode, content }]
    })
    return ok({ backup, files })
  }
  const what = `${store.name} has no good backup of a controller`
  return fail(refuse(context.terminal, [usageProblem(what, 'timeball backup list')]))
}

function isWanted(path: string, stateOnly: boolean | undefined): boolean {
  return stateOnly !== true || path.startsWith('.timeball/')
}

/** `null`: nobody is, or nothing of it is left here. */
async function whoIsAtWork(context: Context, loaded: LoadedFleet | null): Promise<ExitCode | null> {
  if (loaded === null) return null
  const opened = await context.openRolloutStore(loaded)
  if (!opened.ok) return null
  try {
    const holder = await opened.value.holder(context.nowUnixMs())
    if (holder === null) return null
    const what = `${holder.operation} is at work on the fleet`
    return refuse(context.terminal, [usageProblem(what, 'restore when it has ended')])
  } catch {
    return null
  } finally {
    await opened.value.close()
  }
}

async function ask(
  { terminal }: Context,
  count: number,
  { yes }: RestoreOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const answer = await terminal.confirm(
    `Restore ${count === 1 ? '1 file' : `${count} files`} of the controller?`,
  )
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'backup restore needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}
