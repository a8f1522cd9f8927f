/** Is what lies in the folder what the fleet wants, and would Prometheus and Alertmanager take it? */
import { parse } from 'yaml'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { generateMonitoring } from '../../core/monitoring/generate.ts'
import { secretFilesOf } from '../../core/monitoring/compose.ts'
import type { MonitoringHost, RunTool } from '../../ports/monitoring-host.ts'
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
  const checks = [await checkDrift(fleet, host), await checkSyntax(fleet, host)]
  checks.push(...(await checkSecrets(fleet, host)))
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

/** Of all receivers: a secret that cannot be read is found out at the first alert otherwise. */
export async function checkSecrets(
  fleet: Fleet,
  { folder, fleetFolder }: MonitoringHost,
): Promise<Check[]> {
  const checks: Check[] = []
  for (const path of secretFilesOf(fleet.settings.monitoring)) {
    const trouble = await folder.troubleWithSecret(
      path.startsWith('/') ? path : `${fleetFolder}/${path}`,
    )
    const outcome = trouble === null ? 'ok' : 'failed'
    checks.push({ what: `secret ${path}`, outcome, detail: trouble ?? '' })
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
