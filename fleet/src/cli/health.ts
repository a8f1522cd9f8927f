/** `timeball health`: one poll of all devices, or one every few seconds. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { oldBackups } from '../core/backup/old-backups.ts'
import { checkHealth } from '../app/check-health.ts'
import { formatHealthTable, summarizeHealth } from '../core/health/format.ts'
import { healthRecord } from '../core/health/json.ts'
import { formatNagios } from '../core/health/nagios.ts'
import type { HealthVerdict } from '../core/health/verdict.ts'
import type { OutputError } from '../api/records/result-record.ts'
import { readMemory } from './backup/memory-file.ts'
import type { Context, FleetOptions } from './context.ts'
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
    await sayOldBackups(context, started.value)
  }
  return options.watch === true ? exitCodes.done : exit
}

async function sayOldBackups(context: Context, { loaded, prepared }: Started): Promise<void> {
  const { backup_age: backupMs, drill_age: drillMs } = loaded.fleet.settings.monitoring.thresholds
  const limits = { nowUnixMs: context.nowUnixMs(), backupMs, drillMs }
  const names = prepared.devices.map(({ name }) => name)
  for (const line of oldBackups(await readMemory(context, loaded), names, limits)) {
    context.terminal.say(`timeball: ${line}`)
  }
}

async function lookOnce(
  context: Context,
  { prepared, outside }: Started,
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
  return await show(context, verdicts, options)
}

async function show(
  context: Context,
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
    for (const verdict of verdicts) records.write({ type: 'health', ...healthRecord(verdict) })
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
