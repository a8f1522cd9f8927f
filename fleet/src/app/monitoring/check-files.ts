/** Is what lies in the folder what the fleet wants, and would Prometheus and Alertmanager take it? */
import { parse } from 'yaml'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { generateMonitoring } from '../../core/monitoring/generate.ts'
import { secretFilesOf } from '../../core/monitoring/compose.ts'
import type { MonitoringHost, RunTool } from '../../ports/monitoring-host.ts'
import { manifestFile } from '../../core/monitoring/plan-files.ts'
import { compareFiles } from './write-files.ts'

export interface Check {
  readonly what: string
  /** `skipped`: the tool is not installed. */
  readonly outcome: 'ok' | 'failed' | 'skipped'
  readonly detail: string
}

const tools = [
  ['promtool', ['check', 'config', 'prometheus.yml']],
  ['promtool', ['check', 'rules', 'rules.yml']],
  ['amtool', ['check-config', 'alertmanager.yml']],
] as const

export async function checkFiles(fleet: Fleet, host: MonitoringHost): Promise<readonly Check[]> {
  const manifest = await host.folder.read(manifestFile)
  const missing = await checkGivenFiles(fleet, host)
  if (manifest.ok && manifest.value === null) {
    const detail = `${host.folder.path} has none: timeball monitoring generate`
    return [{ what: 'files are as generated', outcome: 'failed', detail }, ...missing]
  }
  const checks = [await checkDrift(fleet, host), await checkSyntax(fleet, host), ...missing]
  for (const [program, args] of tools) checks.push(await checkWith(host.runTool, program, args))
  return checks
}

async function checkDrift(fleet: Fleet, host: MonitoringHost): Promise<Check> {
  const what = 'files are as generated'
  const changes = await compareFiles(host.folder, generateMonitoring(fleet, host))
  if (!changes.ok) return { what, outcome: 'failed', detail: changes.failure }
  const others = [...changes.value].filter(([, change]) => change !== 'unchanged')
  const detail = others.map(([path, change]) => `${path}: ${differences[change]}`).join(', ')
  return { what, outcome: others.length === 0 ? 'ok' : 'failed', detail }
}

const differences = {
  created: 'missing',
  changed: 'old',
  removed: 'no longer wanted',
  foreign: 'not written by timeball, or changed since',
  unchanged: '',
} as const

/** The built-in validation, for machines without the tools: every file can be read as what it is. */
async function checkSyntax(fleet: Fleet, host: MonitoringHost): Promise<Check> {
  const what = 'files can be read'
  const paths = [...generateMonitoring(fleet, host).keys()]
  const broken: string[] = []
  for (const path of paths.filter((each) => /\.(ya?ml|json)$/.test(each))) {
    const text = await host.folder.read(path)
    if (!text.ok) broken.push(text.failure)
    else if (!isReadable(text.value ?? '')) broken.push(path)
  }
  return { what, outcome: broken.length === 0 ? 'ok' : 'failed', detail: broken.join(', ') }
}

function isReadable(text: string): boolean {
  try {
    const content: unknown = parse(text)
    return typeof content === 'object' && content !== null
  } catch {
    return false
  }
}

/**
 * What the owner gives: the secrets of all receivers, which would be found out at the first alert
 * otherwise, and rules of his own.
 */
export async function checkGivenFiles(
  fleet: Fleet,
  { folder, fleetFolder }: MonitoringHost,
): Promise<Check[]> {
  const { monitoring } = fleet.settings
  const checks: Check[] = []
  const add = (what: string, trouble: string | null): void => {
    checks.push({ what, outcome: trouble === null ? 'ok' : 'failed', detail: trouble ?? '' })
  }
  const pathOf = (path: string): string => (path.startsWith('/') ? path : `${fleetFolder}/${path}`)
  for (const path of secretFilesOf(monitoring)) {
    add(`secret ${path}`, await folder.troubleWithSecret(pathOf(path)))
  }
  for (const path of monitoring.rule_files) {
    const text = await folder.read(pathOf(path))
    const isThere = text.ok && text.value !== null
    add(`rules ${path}`, isThere ? null : text.ok ? 'there is no such file' : text.failure)
  }
  return checks
}

async function checkWith(run: RunTool, program: string, args: readonly string[]): Promise<Check> {
  const what = [program, ...args].join(' ')
  const end = await run(program, args)
  if (end.kind === 'missing') return { what, outcome: 'skipped', detail: 'it is not installed' }
  return end.code === 0
    ? { what, outcome: 'ok', detail: '' }
    : { what, outcome: 'failed', detail: end.output }
}
