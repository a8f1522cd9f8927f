/** `timeball clock`: one sweep over all servers, or one every few seconds. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { clockRows } from '../app/clock-rows.ts'
import { sweepClocks, type ClockSweep } from '../app/sweep-clocks.ts'
import { formatClockTable } from '../core/clock/format.ts'
import { clockRecord, timeRecord } from '../core/clock/json.ts'
import { formatClockMetrics } from '../core/clock/metrics.ts'
import { formatClockPlot } from '../core/clock/plot.ts'
import type { ClockRow } from '../core/clock/row.ts'
import { formatSlo } from '../core/clock/format-slo.ts'
import { formatClockTree } from '../core/clock/tree.ts'
import type { Outside } from '../app/outside.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { OutputError } from '../api/records/result-record.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { refuse } from './problems.ts'
import { openRecords, type Records } from './records.ts'
import { loadFor, selectDevices } from './start.ts'

export interface ClockOptions extends FleetOptions {
  readonly watch?: boolean
  /** Seconds between two sweeps. */
  readonly interval?: number
  readonly tree?: boolean
  readonly plot?: boolean
  readonly slo?: boolean
  readonly format?: 'table' | 'prometheus'
  /** `false`: the servers are not asked over HTTP for the offset that they claim. */
  readonly http?: boolean
}

interface Sweeping {
  readonly context: Context
  readonly loaded: LoadedFleet
  readonly outside: Outside
  readonly store: SampleStore
  /** Names of the devices that are shown; all are asked. */
  readonly shown: ReadonlySet<string>
  readonly options: ClockOptions
  readonly records: Records | null
}

export async function clockCommand(
  context: Context,
  targets: string | undefined,
  options: ClockOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await loadFor(context, targets, options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const selected = await selectDevices(context, loaded.value, targets, options.limit)
  if (!selected.ok) return refuse(terminal, selected.failure)
  const obstacle = context.enterNetwork(loaded.value)
  if (obstacle !== null) return refuse(terminal, [obstacle])
  const outside = await context.openOutside(loaded.value, options)
  const store = await context.openSamples(loaded.value)
  const shown = new Set(selected.value.map(({ name }) => name))
  const records = await openRecords(context, options.json)
  const sweeping = { context, loaded: loaded.value, outside, store, shown, options, records }
  try {
    return await sweepUntilStopped(sweeping)
  } finally {
    await store.close()
    await outside.engine.close('keep')
  }
}

async function sweepUntilStopped(sweeping: Sweeping): Promise<ExitCode> {
  const { context, options, records } = sweeping
  const isWatching = options.watch === true
  const waitMs = (options.interval ?? 5) * 1000
  let last: Seen | null = null
  for (;;) {
    const seen = await sweepOnce(sweeping)
    // A sweep that was cut short says nothing.
    if (context.stop.aborted) break
    last = seen
    show(sweeping, seen)
    if (isWatching) await context.wait(waitMs, context.stop)
    if (!isWatching || context.stop.aborted) break
  }
  const exit = last === null ? exitCodes.interrupted : isWatching ? exitCodes.done : last.exit
  return records === null ? exit : records.result(exit, last === null ? {} : fieldsOf(last, exit))
}

interface Seen {
  readonly sweep: ClockSweep
  readonly rows: readonly ClockRow[]
  /** Those that were asked for, and the references. */
  readonly chosen: readonly ClockRow[]
  readonly exit: ExitCode
}

async function sweepOnce({ context, ...sweeping }: Sweeping): Promise<Seen> {
  const { loaded, outside, store, shown, options } = sweeping
  context.terminal.progress(`asking ${loaded.fleet.devices.length} servers`)
  const sweep = await sweepClocks(loaded.fleet, outside, store, context.stop)
  const rows = await clockRows(sweep, loaded.fleet, {
    outside: options.http === false ? null : outside,
    store,
    objective: options.slo === true ? 'attained' : 'left-out',
    signal: context.stop,
  })
  context.terminal.progress('')
  const chosen = rows.filter(
    ({ judgement: { server } }) => server.kind === 'reference' || shown.has(server.name),
  )
  return { sweep, rows, chosen, exit: exitOf(chosen) }
}

/** A server that is not proved right is not good: there is no "probably" in a scripts' exit code. */
function exitOf(rows: readonly ClockRow[]): ExitCode {
  return rows.flatMap(errorsOf).length === 0 ? exitCodes.done : exitCodes.unhealthy
}

function errorsOf({ judgement: { server, verdict, faults } }: ClockRow): OutputError[] {
  const fault = faults.find(({ level }) => level === 'bad')
  const isGood = verdict === 'truechimer' && fault === undefined
  if (server.kind === 'reference' || isGood) return []
  const message = (fault ?? faults[0])?.text ?? verdict
  return [{ code: verdict, message, hint: null, device: server.name }]
}

function sweepOf({ sweep, chosen }: Seen) {
  const ofKind = (kind: 'device' | 'reference') =>
    chosen.filter(({ judgement }) => judgement.server.kind === kind).map(clockRecord)
  return {
    servers: ofKind('device'),
    references: ofKind('reference'),
    time: timeRecord(sweep.time),
    took_seconds: sweep.tookSeconds,
  }
}

function fieldsOf(last: Seen, exit: ExitCode) {
  const errors = exit === exitCodes.unhealthy ? last.chosen.flatMap(errorsOf) : []
  return { ...sweepOf(last), errors }
}

/** With `--json` a single sweep is in the result line only. */
function show({ context, options, records, loaded }: Sweeping, seen: Seen): void {
  const { terminal } = context
  const { sweep, rows, chosen } = seen
  if (records !== null) {
    if (options.watch === true) records.write({ type: 'sweep', ...sweepOf(seen) })
    return
  }
  if (options.format === 'prometheus') {
    terminal.out(formatClockMetrics(chosen, sweep.time).trimEnd())
    return
  }
  if (options.watch === true) terminal.clear()
  if (sweep.isStepped) terminal.say("timeball: this machine's clock was set during the sweep")
  const lines = [
    ...formatClockTable(chosen, sweep.time, terminal),
    ...(options.plot === true ? ['', ...formatClockPlot(chosen, terminal)] : []),
    ...(options.tree === true ? ['', ...formatClockTree(rows, terminal)] : []),
    ...(options.slo === true
      ? ['', ...formatSlo(chosen, loaded.fleet.settings.clock.slo, terminal)]
      : []),
  ]
  for (const line of lines) terminal.out(line)
}
