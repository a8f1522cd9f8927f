/** `timeball clock`: one sweep over all servers, or one every few seconds. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { clockRows, sweepClocks, type ClockSweep } from '../app/sweep-clocks.ts'
import { formatClockTable } from '../core/clock/format.ts'
import { clockRecord, timeRecord } from '../core/clock/json.ts'
import { formatClockMetrics } from '../core/clock/metrics.ts'
import { formatClockPlot } from '../core/clock/plot.ts'
import type { ClockRow } from '../core/clock/row.ts'
import { formatSlo } from '../core/clock/format-slo.ts'
import { formatClockTree } from '../core/clock/tree.ts'
import type { Outside } from '../app/outside.ts'
import type { SampleStore } from '../core/clock/sample.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { refuse } from './problems.ts'
import { openRecords, type Records } from './records.ts'
import { selectDevices } from './start.ts'

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

/** Servers limit rates: four samples are answered every few seconds, not more often. */
const leastIntervalSeconds = 5

export async function clockCommand(
  context: Context,
  targets: string | undefined,
  options: ClockOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const selected = await selectDevices(context, loaded.value, targets, options.limit)
  if (!selected.ok) return refuse(terminal, selected.failure)
  const obstacle = context.enterNetwork(loaded.value)
  if (obstacle !== null) return refuse(terminal, [obstacle])
  const outside = await context.openOutside(loaded.value, options)
  const store = context.openSamples(loaded.value)
  const shown = new Set(selected.value.map(({ name }) => name))
  const records = openRecords(context, options.json)
  const sweeping = { context, loaded: loaded.value, outside, store, shown, options, records }
  try {
    return await sweepUntilStopped(sweeping)
  } finally {
    store.close()
    await outside.engine.close('keep')
  }
}

async function sweepUntilStopped(sweeping: Sweeping): Promise<ExitCode> {
  const { context, options } = sweeping
  const isWatching = options.watch === true
  const waitMs = Math.max(options.interval ?? leastIntervalSeconds, leastIntervalSeconds) * 1000
  for (;;) {
    const exit = await sweepOnce(sweeping)
    if (isWatching && !context.stop.aborted) await context.wait(waitMs, context.stop)
    if (context.stop.aborted) return isWatching ? exitCodes.done : exitCodes.interrupted
    if (!isWatching) return exit
  }
}

async function sweepOnce(sweeping: Sweeping): Promise<ExitCode> {
  const { context, loaded, outside, store, shown, options } = sweeping
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
  const exit = exitOf(chosen)
  show(sweeping, sweep, { rows, chosen, exit })
  return exit
}

/** A server that is not proved right is not good: there is no "probably" in a scripts' exit code. */
function exitOf(rows: readonly ClockRow[]): ExitCode {
  const isGood = rows.every(
    ({ judgement: { server, verdict, faults } }) =>
      server.kind === 'reference' ||
      (verdict === 'truechimer' && !faults.some(({ level }) => level === 'bad')),
  )
  return isGood ? exitCodes.done : exitCodes.unhealthy
}

interface Shown {
  readonly rows: readonly ClockRow[]
  readonly chosen: readonly ClockRow[]
  readonly exit: ExitCode
}

function show(sweeping: Sweeping, sweep: ClockSweep, { rows, chosen, exit }: Shown): void {
  const { context, options, records, loaded } = sweeping
  const { terminal } = context
  if (records !== null) {
    const devices = chosen.filter(({ judgement }) => judgement.server.kind === 'device')
    const references = chosen.filter(({ judgement }) => judgement.server.kind === 'reference')
    const fields = {
      servers: devices.map(clockRecord),
      references: references.map(clockRecord),
      time: timeRecord(sweep.time),
      took_seconds: sweep.tookSeconds,
    }
    if (options.watch === true) records.write({ type: 'sweep', ...fields })
    else records.result(exit, fields)
    return
  }
  if (options.format === 'prometheus') {
    terminal.out(formatClockMetrics(chosen, sweep.time).trimEnd())
    return
  }
  if (options.watch === true) terminal.clear()
  for (const line of formatClockTable(chosen, sweep.time, terminal)) terminal.out(line)
  if (sweep.isStepped) terminal.say("timeball: this machine's clock was set during the sweep")
  const extras = [
    ...(options.plot === true ? ['', ...formatClockPlot(chosen, terminal)] : []),
    ...(options.tree === true ? ['', ...formatClockTree(rows, terminal)] : []),
    ...(options.slo === true ? ['', ...formatSlo(chosen, loaded.fleet.settings, terminal)] : []),
  ]
  for (const line of extras) terminal.out(line)
}
