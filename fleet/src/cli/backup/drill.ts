/** `timeball backup drill`: a restore is rehearsed, in memory, or in a container on a device. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { backupBoot } from '../../api/records/backup-records.ts'
import { bootBackup, type Booted, type Booting } from '../../app/backup/boot-backup.ts'
import { readBackup } from '../../app/backup/read-backup.ts'
import { drill, drilledPaths } from '../../core/backup/drill.ts'
import { placeText } from '../../core/clock/faults.ts'
import type { Device } from '../../core/device/device.ts'
import type { BackupStore, KeptBackup } from '../../ports/backup-store.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { reach, readFleet } from '../start.ts'
import { rowOf } from './list.ts'
import { keepMemory } from './memory-file.ts'
import { sayBackupFailure } from './open-backups.ts'
import { recordOf } from './run.ts'
import { showBackups, type BackupRow } from './rows.ts'

export interface DrillOptions extends FleetOptions {
  /** A device: there each backup is booted. */
  readonly bootOn?: string
}

type Boot = Omit<Booting, 'device' | 'contents' | 'onSecret'>

interface Drill {
  readonly loaded: LoadedFleet
  readonly devices: readonly Device[]
  /** `null`: nothing is booted. */
  readonly boot: Boot | null
}

export async function drillBackups(
  context: Context,
  targets: string | undefined,
  options: DrillOptions,
): Promise<ExitCode> {
  const selected = await readFleet(context, targets, options)
  if (!selected.ok) return selected.failure
  const { loaded } = selected.value
  const { bootOn } = options
  if (bootOn === undefined)
    return await drillAll(context, { ...selected.value, boot: null }, options)
  const host = loaded.fleet.devices.find(({ name }) => name === bootOn)
  if (host === undefined) {
    const what = `--boot-on ${bootOn}: there is no such device`
    return refuse(context.terminal, [usageProblem(what, 'a spare one is in the inventory, too')])
  }
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const { outside } = reached.value
  const { stop, abort } = context
  const boot = { fleet: loaded.fleet, host, outside, stop, abort }
  try {
    return await drillAll(context, { ...selected.value, boot }, options)
  } finally {
    await outside.engine.close('keep')
  }
}

/** Nothing of it is written to a disk: a drill that leaves keys on one is none. */
async function drillAll(
  context: Context,
  { loaded, devices, boot }: Drill,
  options: DrillOptions,
): Promise<ExitCode> {
  const store = await context.openBackups(loaded)
  const listed = await store.list()
  if (!listed.ok) return sayBackupFailure(context, listed.failure)
  const records = await openRecords(context, options.json)
  const rows: BackupRow[] = []
  for (const device of devices) {
    if (context.stop.aborted) break
    const newest = listed.value.findLast(({ subject }) => subject === device.name)
    const { row, booted } =
      newest === undefined
        ? { row: none(device.name), booted: null }
        : await rehearse(context, store, { backup: newest, device, boot })
    rows.push(row)
    records?.write(recordOf(row))
    if (booted !== null && boot !== null) {
      records?.write(bootRecord(device, boot, booted))
      context.terminal.say(`${device.name}: booted on ${boot.host.name}: ${bootedText(booted)}`)
    }
    context.terminal.progress(`${rows.length}/${devices.length} rehearsed`)
  }
  context.terminal.progress('')
  const good = rows.filter(({ failure }) => failure === null).map(({ device }) => device)
  const now = context.nowUnixMs()
  await keepMemory(context, loaded, (memory) => ({
    ...memory,
    drill_unix_ms: {
      ...memory.drill_unix_ms,
      ...Object.fromEntries(good.map((name) => [name, now])),
    },
  }))
  const failed = rows.filter(({ failure }) => failure !== null).map(({ device }) => device)
  const judged = failed.length === 0 ? exitCodes.done : exitCodes.devicesFailed
  const exit = context.stop.aborted ? exitCodes.interrupted : judged
  if (records !== null) return records.result(exit, { failed })
  showBackups(context, rows)
  context.terminal.say(`timeball: ${good.length} of ${devices.length} could be restored`)
  return exit
}

function none(device: string): BackupRow {
  const failure = { code: 'missing', message: 'it has no backup', hint: 'timeball backup run' }
  return { device, id: null, takenAtUnixMs: null, bytes: null, files: null, failure }
}

interface Rehearsal {
  readonly backup: KeptBackup
  readonly device: Device
  readonly boot: Boot | null
}

interface Rehearsed {
  readonly row: BackupRow
  /** `null`: it was not, for whatever reason. */
  readonly booted: Booted | null
}

async function rehearse(
  context: Context,
  store: BackupStore,
  { backup, device, boot }: Rehearsal,
): Promise<Rehearsed> {
  const opened = await readBackup(store, backup.id, (path) => drilledPaths.includes(path))
  if (!opened.ok) {
    const { code, detail: message, hint } = opened.failure
    return { row: { ...rowOf(backup), failure: { code, message, hint } }, booted: null }
  }
  const { manifest, contents } = opened.value
  const { missing, notes } = drill(manifest, contents)
  for (const note of notes) context.terminal.say(`${backup.subject}: ${note}`)
  const row = { ...rowOf(backup), files: manifest.files.length }
  if (missing.length > 0) {
    const failure = { code: 'incomplete', message: missing.join('; '), hint: 'timeball backup run' }
    return { row: { ...row, failure }, booted: null }
  }
  if (boot === null) return { row, booted: null }
  context.terminal.progress(`${device.name}: booting on ${boot.host.name}`)
  const onSecret: Booting['onSecret'] = (secret) => context.terminal.hide([secret])
  const booted = await bootBackup({ ...boot, device, contents, onSecret })
  if (booted.ok) return { row, booted: booted.value }
  const message = `on ${boot.host.name}: ${booted.failure}`
  return { row: { ...row, failure: { code: 'not-booted', message, hint: null } }, booted: null }
}

function bootedText({ seconds, stratum, offsetSeconds, errorSeconds, version }: Booted): string {
  const time = `good time after ${seconds.toFixed(0)} s, stratum ${stratum}`
  const which = version === null ? '' : `, version ${version}`
  return `${time}, ${placeText(offsetSeconds, errorSeconds)}${which}, its key is taken`
}

function bootRecord({ name: device }: Device, { host }: Boot, booted: Booted) {
  return {
    ...({ type: 'backup_boot', device, host: host.name } as const),
    ...{ seconds: booted.seconds, version: booted.version, stratum: booted.stratum },
    ...{ offset_seconds: booted.offsetSeconds, error_seconds: booted.errorSeconds },
  } satisfies ReturnType<(typeof backupBoot)['parse']>
}
