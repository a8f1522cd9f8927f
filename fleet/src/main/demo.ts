/**
 * `timeball demo`: an embedded fleet on this machine, deployed over real SSH with the real applier.
 * Receiver and ntpd are simulated, and said to be.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { startEmbeddedFleet } from '@timeball/lab/embedded/start.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { recordSchema, type OutputRecord } from '../api/records/records.ts'
import type { ResultFields } from '../api/records/result-record.ts'
import { applyCommand } from '../cli/apply.ts'
import type { Context } from '../cli/context.ts'
import { healthCommand } from '../cli/health.ts'
import { openRecords } from '../cli/records.ts'
import { startCommand } from '../cli/rollout/start.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { Environment } from '../stores/registry.ts'
import { createContext } from './context.ts'
import { openDemoPage, type DemoPage } from './demo-page.ts'

export interface DemoOptions {
  readonly once?: boolean
  readonly json?: boolean
}

export async function demoCommand(
  context: Context,
  environment: Environment,
  options: DemoOptions,
): Promise<ExitCode> {
  const directory = await mkdtemp(join(tmpdir(), 'timeball-demo-'))
  context.terminal.say('timeball demo: four devices on loopback, with simulated GPS and ntpd; the')
  context.terminal.say('  ssh, the applier, the time server and its health are the real ones.')
  const fleet = await startEmbeddedFleet({
    ...{ directory, receivers: 'simulated' },
    ...packedTimeServer(),
  })
  try {
    await edit(fleet.fleetYamlPath, /$/, compressed)
    const key = randomBytes(16).toString('hex')
    await writeFile(join(directory, keysFile), `API_KEY_1=${key}\n`, { mode: 0o600 })
    const own = { ...environment, API_KEY_1: key }
    const files = { directory, inventory: fleet.inventoryPath, fleet: fleet.fleetYamlPath }
    if (options.json === true) return await runJson(context, own, files)
    return await runForPeople(context, own, files, options)
  } finally {
    await fleet.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** In the published package the time server is one file next to this one; a clone runs its source. */
function packedTimeServer(): { readonly timeServerCommand?: readonly string[] } {
  const path = join(import.meta.dirname, 'time-server.js')
  return existsSync(path) ? { timeServerCommand: [process.execPath, path] } : {}
}

/** What takes minutes on a fleet, in seconds; the rules are the same. */
const compressed = `rollout:
  canary: { soak: 1s }
  waves: ["100%"]
  min_healthy_time: 1s
  healthy_deadline: 15s
  progress_deadline: 30s
  interval: 500ms
  gates: { min_reach: 1 }
`

async function edit(path: string, before: string | RegExp, after: string): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replace(before, after))
}

const keysFile = 'keys.env'

interface Files {
  readonly directory: string
  readonly inventory: string
  readonly fleet: string
}

function withEnvironment(context: Context, environment: Environment, terminal: Terminal): Context {
  const { version, stop, abort } = context
  return createContext({ version, terminal, stop, abort, environment })
}

/** The demo's fleet is like any other one, as long as the demo runs. */
function otherShell(directory: string, page: DemoPage | null): readonly string[] {
  return [
    ...(page === null ? [] : ['', `Its page: ${page.url}`]),
    '',
    'Until Ctrl-C the fleet is yours, in another shell:',
    `  cd ${directory} && set -a && . ./${keysFile} && set +a`,
    '  timeball rollout show',
    '  timeball clock --tree',
  ]
}

async function runForPeople(
  context: Context,
  environment: Environment,
  files: Files,
  options: DemoOptions,
): Promise<ExitCode> {
  const { terminal, version, stop, abort } = context
  const page = await openDemoPage(files, {
    terminal,
    contextOf: (own, ended) =>
      createContext({
        ...{ version, abort, environment, terminal: own },
        stop: AbortSignal.any([stop, ended]),
      }),
  })
  if (page !== null) terminal.say(`  See it as it happens: ${page.url}`)
  try {
    return await runSteps(context, environment, { ...files, page }, options)
  } finally {
    await page?.close()
  }
}

async function runSteps(
  context: Context,
  environment: Environment,
  { directory, page, ...files }: Files & { readonly page: DemoPage | null },
  options: DemoOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const inner = withEnvironment(context, environment, terminal)
  const title = (text: string): void =>
    terminal.outStyled([{ style: 'heading', text: `\n$ ${text}` }])
  title('timeball apply --diff --yes')
  const applied = await applyCommand(inner, undefined, { ...files, diff: true, yes: true })
  if (applied !== exitCodes.done) return applied
  title('timeball apply --yes')
  const again = await applyCommand(inner, undefined, { ...files, yes: true })
  if (again !== exitCodes.done) return again
  title('timeball health')
  const healthy = await healthCommand(inner, undefined, files)
  if (healthy !== exitCodes.done) return healthy

  await edit(files.fleet, embeddedImages.first.ref, embeddedImages.second.ref)
  title('timeball rollout start --yes                 # 1.1.0, a good release')
  const rolled = await startCommand(inner, { ...files, yes: true, why: 'version 1.1.0' })
  if (rolled !== exitCodes.done) return rolled
  const image = embeddedImages.falseticker.ref
  title('timeball rollout start --yes --image …1.2.0  # its time is 40 ms ahead')
  const caught = await startCommand(inner, { ...files, yes: true, image, why: 'version 1.2.0' })
  if (caught !== exitCodes.unhealthy) return exitCodes.failed
  if (options.once === true) return exitCodes.done
  title('timeball health --watch')
  const footer = otherShell(directory, page)
  return await healthCommand(inner, undefined, { ...files, watch: true, interval: 2, footer })
}

/** The records of all commands, and one result for all. */
async function runJson(
  context: Context,
  environment: Environment,
  { inventory, fleet }: Files,
): Promise<ExitCode> {
  const records = await openRecords(context, true)
  const seen: Extract<OutputRecord, { type: 'health' }>[] = []
  const rollouts: NonNullable<ResultFields['rollouts']>[number][] = []
  const terminal: Terminal = {
    ...context.terminal,
    out(line) {
      const record = recordSchema.parse(JSON.parse(line))
      if (record.type === 'version') return
      if (record.type !== 'result') records?.write(record)
      else if (record.rollout !== undefined) {
        const { rollout, result = null, touched = 0 } = record
        rollouts.push({ rollout, result, touched })
      }
      if (record.type === 'health') seen.push(record)
    },
  }
  const inner = withEnvironment(context, environment, terminal)
  const json = { inventory, fleet, yes: true, json: true }
  const applied = await applyCommand(inner, undefined, json)
  const health = await healthCommand(inner, undefined, json)
  await edit(fleet, embeddedImages.first.ref, embeddedImages.second.ref)
  const rolled = await startCommand(inner, { ...json, why: 'version 1.1.0' })
  const image = embeddedImages.falseticker.ref
  const caught = await startCommand(inner, { ...json, image, why: 'version 1.2.0' })
  const isGood = caught === exitCodes.unhealthy
  const exits = [applied, health, rolled, isGood ? exitCodes.done : exitCodes.failed]
  const exit = exits.find((each) => each !== exitCodes.done) ?? exitCodes.done
  const healthy = seen.filter(({ verdict }) => verdict === 'ok').length
  const generations = Object.fromEntries(seen.map(({ device, generation }) => [device, generation]))
  return records?.result(exit, { devices: seen.length, healthy, generations, rollouts }) ?? exit
}
