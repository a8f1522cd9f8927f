/** `timeball monitoring`: Prometheus, Alertmanager and Grafana, generated from the fleet. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { checkFiles, checkGivenFiles } from '../app/monitoring/check-files.ts'
import type { MonitoringHost, Stack } from '../ports/monitoring-host.ts'
import { compareFiles, writeFiles, type FileChanges } from '../app/monitoring/write-files.ts'
import { generateMonitoring } from '../core/monitoring/generate.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { namespaceHint } from './namespace-hint.ts'
import { refuse } from './problems.ts'
import { openRecords, type Records } from './records.ts'

export interface MonitoringOptions extends FleetOptions {
  /** Say what would change, and change nothing. */
  readonly check?: boolean
  /** What runs it; found out when left out. */
  readonly with?: Stack['kind']
}

export type MonitoringAction = 'generate' | 'check' | 'up' | 'down' | 'status'

interface Doing {
  readonly context: Context
  readonly loaded: LoadedFleet
  readonly host: MonitoringHost
  readonly options: MonitoringOptions
  /** `null`: lines for people. */
  readonly records: Records | null
}

/** `directory` is `monitoring/` beside fleet.yaml when left out. */
export async function monitoringCommand(
  context: Context,
  action: MonitoringAction,
  directory: string | undefined,
  options: MonitoringOptions,
): Promise<ExitCode> {
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(context.terminal, loaded.failure)
  const usesNetwork = action === 'up' || action === 'down' || action === 'status'
  const obstacle = usesNetwork ? context.enterNetwork(loaded.value) : null
  if (obstacle !== null) return refuse(context.terminal, [obstacle])
  const host = await context.openMonitoring(loaded.value, directory)
  const records = await openRecords(context, options.json)
  const exit = await actions[action]({ context, loaded: loaded.value, host, options, records })
  return records === null ? exit : records.result(exit, { folder: host.folder.path })
}

const actions = {
  generate,
  check,
  up,
  down: async (doing) => await withStack(doing, async (stack) => await end(doing, stack)),
  status: async (doing) => await withStack(doing, async (stack) => await show(doing, stack)),
} as const satisfies Record<MonitoringAction, (doing: Doing) => Promise<ExitCode>>

async function generate({ context, loaded, host, options, records }: Doing): Promise<ExitCode> {
  const { terminal } = context
  const wanted = generateMonitoring(loaded.fleet, host)
  const write = options.check === true ? compareFiles : writeFiles
  const changes = await write(host.folder, wanted)
  if (!changes.ok) {
    terminal.say(`timeball: ${shown(changes.failure)}`)
    return exitCodes.failed
  }
  const exit = exitOf(changes.value, options)
  for (const [path, change] of changes.value) {
    if (records !== null) records.write({ type: 'file', path, change })
    else if (change !== 'unchanged') terminal.out(`${change.padEnd(9)} ${path}`)
  }
  if (records === null) terminal.out(`${host.folder.path}: ${summaryOf(changes.value)}`)
  if (exit === exitCodes.conflict) {
    terminal.say('timeball: foreign files were not written by timeball, or were changed since;')
    terminal.say('    move them away, and make the change in fleet.yaml. Nothing was written.')
  }
  for (const line of warningsAbout(loaded)) terminal.say(`timeball: ${line}`)
  for (const line of await missingFiles(loaded, host)) terminal.say(`timeball: ${line}`)
  return exit
}

function warningsAbout({ fleet }: LoadedFleet): string[] {
  const { watchdog, ...told } = fleet.settings.monitoring.receivers
  const isTold = Object.values(told).some((receiver) => receiver !== undefined)
  if (!isTold) return ['monitoring.receivers names nobody: alerts are seen in Alertmanager only']
  const silent = 'nobody notices when the monitoring itself ends: monitoring.receivers.watchdog'
  return watchdog === undefined ? [silent] : []
}

/** What has to be there before it is started. */
async function missingFiles({ fleet }: LoadedFleet, host: MonitoringHost): Promise<string[]> {
  const given = await checkGivenFiles(fleet, host)
  const bad = given.filter(({ outcome }) => outcome === 'failed')
  return bad.map(({ what, detail }) => `${what}: ${detail}`)
}

function exitOf(changes: FileChanges, { check: isCheck }: MonitoringOptions): ExitCode {
  const all = [...changes.values()]
  if (all.includes('foreign')) return exitCodes.conflict
  const isSame = all.every((change) => change === 'unchanged')
  return isCheck === true && !isSame ? exitCodes.differences : exitCodes.done
}

function summaryOf(changes: FileChanges): string {
  const counts = new Map<string, number>()
  for (const change of changes.values()) counts.set(change, (counts.get(change) ?? 0) + 1)
  return [...counts].map(([change, count]) => `${count} ${change}`).join(', ')
}

async function check({ context, loaded, host, records }: Doing): Promise<ExitCode> {
  const checks = await checkFiles(loaded.fleet, host)
  for (const { what, outcome, detail } of checks) {
    if (records !== null) records.write({ type: 'check', what, outcome, detail })
    else {
      const why = detail === '' ? '' : `: ${shown(detail)}`
      context.terminal.out(`${outcome.padEnd(8)} ${what}${why}`)
    }
  }
  const hasFailed = checks.some(({ outcome }) => outcome === 'failed')
  return hasFailed ? exitCodes.failed : exitCodes.done
}

/** What other programs say, safe on a terminal: its last lines, where the reason is. */
function shown(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines
    .slice(-20)
    .map((line) => printable(line))
    .join('\n    ')
}

async function up(doing: Doing): Promise<ExitCode> {
  const generated = await generate(doing)
  if (generated !== exitCodes.done) return generated
  // Generating has named them.
  if ((await missingFiles(doing.loaded, doing.host)).length > 0) return exitCodes.failed
  return await withStack(doing, async (stack) => {
    const started = await stack.up()
    if (!started.ok) {
      doing.context.terminal.say(`timeball: ${shown(started.failure)}`)
      return exitCodes.failed
    }
    return await show(doing, stack)
  })
}

async function end({ context }: Doing, stack: Stack): Promise<ExitCode> {
  const ended = await stack.down()
  if (ended.ok) return exitCodes.done
  context.terminal.say(`timeball: ${shown(ended.failure)}`)
  return exitCodes.failed
}

async function show({ context, loaded, records }: Doing, stack: Stack): Promise<ExitCode> {
  const states = await stack.status()
  for (const { name, state, detail } of states) {
    if (records !== null) records.write({ type: 'service', name, state, detail, with: stack.kind })
    else context.terminal.out(`${name.padEnd(13)} ${state.padEnd(9)} ${shown(detail)}`)
  }
  const listens = states.find(({ detail }) => detail.startsWith('http://'))
  const hint = listens === undefined ? null : namespaceHint(loaded.fleet, listens.detail)
  if (hint !== null) context.terminal.say(`timeball: ${hint}`)
  return states.every(({ state }) => state === 'ready') ? exitCodes.done : exitCodes.failed
}

async function withStack(
  { context, host, options }: Doing,
  use: (stack: Stack) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stack = await host.openStack(options.with ?? null)
  if (stack.ok) return await use(stack.value)
  context.terminal.say(`timeball: ${shown(stack.failure)}`)
  return exitCodes.failed
}
