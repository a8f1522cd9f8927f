/** `timeball backup run`: backs up devices, and this controller. */
import { explain } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { backup as backupSchema } from '../../api/records/backup-records.ts'
import { failureRecord } from '../../api/records/make-records.ts'
import { backUpController, controllerSubject } from '../../app/backup/back-up-controller.ts'
import { backUpFleet, type BackedUp } from '../../app/backup/back-up-fleet.ts'
import type { Fetched } from '../../app/backup/fetch-device.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { lastOfEach } from '../../core/backup/retention.ts'
import type { BackupStore } from '../../ports/backup-store.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { keepFailed } from '../keep-failed.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords, type Records } from '../records.ts'
import { reach, type Reached } from '../start.ts'
import { keepGood } from './memory-file.ts'
import { sayBackupFailure } from './open-backups.ts'
import { showBackups, type BackupRow } from './rows.ts'

export interface RunOptions extends FleetOptions {
  readonly controller?: boolean
}

export async function runBackup(
  context: Context,
  targets: string | undefined,
  options: RunOptions,
): Promise<ExitCode> {
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const { loaded, outside, devices } = reached.value
  if (devices.some(({ name }) => name === controllerSubject)) {
    const what = `a device is called ${controllerSubject}, which is this machine in backups`
    return refuse(context.terminal, [usageProblem(what, 'call it something else')])
  }
  const { store: kind, recipients } = loaded.fleet.settings.backup
  if (kind === 'age' && recipients.length === 0) {
    const what = 'backup.recipients is empty: nobody could read the backups'
    const fix = 'age-keygen -o FILE makes an identity and prints its age1…; keep the file elsewhere'
    return refuse(context.terminal, [usageProblem(what, fix)])
  }
  const store = await context.openBackups(loaded)
  const records = await openRecords(context, options.json)
  try {
    const ended = await backUp(context, reached.value, store, { targets, options, records })
    return records?.result(ended.exit, { failed: ended.failed }) ?? ended.exit
  } finally {
    await outside.engine.close('keep')
  }
}

interface Wish {
  readonly targets: string | undefined
  readonly options: RunOptions
  readonly records: Records | null
}

interface Ended {
  readonly exit: ExitCode
  readonly failed: readonly string[]
}

async function backUp(
  context: Context,
  { loaded, devices, outside }: Reached,
  store: BackupStore,
  { targets, options, records }: Wish,
): Promise<Ended> {
  const { terminal, stop, abort } = context
  const before = await store.list()
  if (!before.ok) return { exit: sayBackupFailure(context, before.failure), failed: [] }
  const rows: BackupRow[] = []
  const show = (row: BackupRow): void => {
    rows.push(row)
    records?.write(recordOf(row))
  }
  const isWhole = targets === undefined && options.limit === undefined
  if (options.controller !== false && isWhole) {
    const failed = await controller(context, loaded, { store, options, show })
    if (failed !== null) return { exit: failed, failed: [] }
  }
  const answers: BackedUp[] = []
  const backups = backUpFleet(devices, {
    ...{ reach: { outside, abort }, stop, store, version: context.version },
    identity: loaded.fleet.settings.backup.identity,
    parallel: loaded.fleet.settings.ssh.parallel,
    lastUnixMs: lastOfEach(before.value),
    nowUnixMs: () => context.nowUnixMs(),
  })
  for await (const done of backups) {
    answers.push(done)
    terminal.progress(`${answers.length}/${devices.length} backed up`)
    show(rowOf(done))
  }
  terminal.progress('')
  const after = await store.list()
  if (after.ok) await keepGood(context, loaded, after.value)
  if (records === null)
    showBackups(
      context,
      rows.filter(({ failure }) => failure === null),
    )
  for (const note of store.notes) terminal.say(`timeball: ${note}`)
  return await conclude(context, loaded, answers)
}

/** `null`: it is backed up; else how the command ends, since no store is one that devices could use. */
async function controller(
  context: Context,
  loaded: LoadedFleet,
  {
    store,
    options,
    show,
  }: {
    readonly store: BackupStore
    readonly options: FleetOptions
    readonly show: (row: BackupRow) => void
  },
): Promise<ExitCode | null> {
  const archive = await context.controllerArchive(loaded, options)
  const takenAtUnixMs = context.nowUnixMs()
  const about = { store, takenAtUnixMs, version: context.version }
  const done = await backUpController({ ...archive, ...about })
  if (!done.ok) return sayBackupFailure(context, done.failure)
  show(rowOfFetched(controllerSubject, done.value))
  return null
}

function rowOf({ device, result }: BackedUp): BackupRow {
  if (result.ok) return rowOfFetched(device, result.value)
  return {
    ...{ device, id: null, takenAtUnixMs: null, bytes: null, files: null },
    failure: failureRecord(result.failure),
  }
}

function rowOfFetched(device: string, { kept, manifest }: Fetched): BackupRow {
  const { id, takenAtUnixMs, bytes } = kept
  return { device, id, takenAtUnixMs, bytes, files: manifest.files.length, failure: null }
}

export function recordOf({ device, id, takenAtUnixMs, bytes, files, failure }: BackupRow) {
  return {
    ...{ type: 'backup', device, id, taken_at_unix_ms: takenAtUnixMs, bytes, files, failure },
  } as const satisfies ReturnType<(typeof backupSchema)['parse']>
}

async function conclude(
  context: Context,
  loaded: LoadedFleet,
  answers: readonly BackedUp[],
): Promise<Ended> {
  const { terminal, stop } = context
  const bad = answers.flatMap(({ device, result }) =>
    result.ok ? [] : [{ device, failure: result.failure }],
  )
  const failed = bad.map(({ device }) => device)
  await keepFailed(context, loaded, failed)
  if (bad.length > 0) {
    terminal.say(`timeball: ${bad.length} of ${answers.length} have no new backup`)
    const reasons = Map.groupBy(bad, ({ failure }) => explain(failure))
    for (const [why, devices] of reasons) {
      terminal.say(`    ${namesOf(devices.map(({ device }) => device))}: ${why}`)
    }
    terminal.heard?.errors.push(
      ...bad.map(({ device, failure }) => ({ device, ...failureRecord(failure) })),
    )
  }
  if (stop.aborted) return { exit: exitCodes.interrupted, failed }
  return { exit: bad.length > 0 ? exitCodes.devicesFailed : exitCodes.done, failed }
}
