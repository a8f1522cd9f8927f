/** `timeball health`: one poll of all devices, or one every few seconds. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { agesOfBackups, oldBackups } from '../core/backup/old-backups.ts'
import { checkHealth } from '../app/check-health.ts'
import { formatHealthTable, summarizeHealth } from '../core/health/format.ts'
import { formatNagios } from '../core/health/nagios.ts'
import type { HealthVerdict } from '../core/health/verdict.ts'
import type { OutputError } from '../api/records/result-record.ts'
import { readMemory } from './backup/memory-file.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { healthRow } from './health-row.ts'
import { openRecords } from './records.ts'
import { start, type Started } from './start.ts'

export interface HealthOptions extends FleetOptions {
  readonly watch?: boolean
  /** Seconds between two looks. */
  readonly interval?: number
  readonly format?: 'table' | 'nagios'
  readonly full?: boolean
  /** Stands below the table. */
  readonly footer?: readonly string[]
}

export async function healthCommand(
  context: Context,
  targets: string | undefined,
  options: HealthOptions,
): Promise<ExitCode> {
  const started = await start(context, targets, options, 'look')
  if (!started.ok) return started.failure
  const { incomplete } = started.value.prepared
  if (incomplete !== null) context.terminal.say(`timeball: drift is not judged: ${incomplete}`)
  let exit: ExitCode
  do {
    exit = await lookOnce(context, started.value, options)
    if (options.watch !== true || context.stop.aborted) break
    await context.wait((options.interval ?? 5) * 1000, context.stop)
  } while (!context.stop.aborted)
  await started.value.outside.engine.close('keep')
  if (options.watch !== true && options.format !== 'nagios') {
    await tellBackups(context, started.value, options)
  }
  return options.watch === true ? exitCodes.done : exit
}

/** Their ages below the table, and whose are too old. */
async function tellBackups(
  context: Context,
  { loaded, prepared }: Started,
  { json }: HealthOptions,
): Promise<void> {
  const { backup_age: backupMs, drill_age: drillMs } = loaded.fleet.settings.monitoring.thresholds
  const nowUnixMs = context.nowUnixMs()
  const names = prepared.devices.map(({ name }) => name)
  const memory = await readMemory(context, loaded)
  const ages = json === true ? null : agesOfBackups(memory, names, nowUnixMs)
  if (ages !== null) context.terminal.out(ages)
  for (const line of oldBackups(memory, names, { nowUnixMs, backupMs, drillMs })) {
    context.terminal.say(`timeball: ${line}`)
  }
}

async function lookOnce(
  context: Context,
  { loaded, prepared, outside }: Started,
  options: HealthOptions,
): Promise<ExitCode> {
  const { terminal } = context
  let done = 0
  const emit = (): void => {
    done += 1
    if (options.watch !== true) terminal.progress(`${done}/${prepared.devices.length} checked`)
  }
  const full = options.full === true
  const run = { stop: context.stop, abort: context.abort, emit, full }
  const { verdicts } = await checkHealth(prepared, outside, run)
  terminal.progress('')
  if (context.stop.aborted && (options.watch === true || options.format === 'nagios')) {
    return exitCodes.interrupted
  }
  return await show(context, loaded, verdicts, options)
}

async function show(
  context: Context,
  loaded: LoadedFleet,
  verdicts: readonly HealthVerdict[],
  options: HealthOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const isBad = verdicts.some((verdict) => errorsOf(verdict).length > 0)
  const judged = isBad ? exitCodes.unhealthy : exitCodes.done
  const exit = context.stop.aborted ? exitCodes.interrupted : judged
  if (options.format === 'nagios') {
    const { line, exitCode } = formatNagios(verdicts)
    terminal.out(line)
    return exitCode
  }
  const records = await openRecords(context, options.json)
  if (records !== null) {
    const memory = await readMemory(context, loaded)
    for (const verdict of verdicts) records.write(healthRow(verdict, memory))
    const errors = exit === exitCodes.unhealthy ? verdicts.flatMap(errorsOf) : []
    return records.result(exit, { summary: summarizeHealth(verdicts), errors })
  }
  if (options.watch === true) terminal.clear()
  for (const line of [...formatHealthTable(verdicts, terminal), ...(options.footer ?? [])]) {
    terminal.out(line)
  }
  return exit
}

/** The first reason of a device that is down, or of which that is not known. */
function errorsOf({ device, verdict, reasons }: HealthVerdict): OutputError[] {
  if (verdict !== 'down' && verdict !== 'unknown') return []
  return [{ code: verdict, message: reasons[0]?.text ?? verdict, hint: null, device }]
}
