/**
 * `timeball demo`: an embedded fleet on this machine, deployed over real SSH with the real applier.
 * Receiver and ntpd are simulated, and said to be.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedFleet } from '@timeball/lab/embedded/start.ts'
import { z } from 'zod'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { applyCommand } from '../cli/apply.ts'
import type { Context } from '../cli/context.ts'
import { healthCommand } from '../cli/health.ts'
import { openRecords } from '../cli/records.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { Environment } from '../stores/secrets/environment-store.ts'
import { createContext } from './context.ts'

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
  const fleet = await startEmbeddedFleet({ directory, ...packedTimeServer() })
  try {
    const own = { ...environment, API_KEY_1: randomBytes(16).toString('hex') }
    const files = { inventory: fleet.inventoryPath, fleet: fleet.fleetYamlPath }
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

interface Files {
  readonly inventory: string
  readonly fleet: string
}

function withEnvironment(context: Context, environment: Environment, terminal: Terminal): Context {
  const { version, stop, abort } = context
  return createContext({ version, terminal, stop, abort, environment })
}

async function runForPeople(
  context: Context,
  environment: Environment,
  files: Files,
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
  const watch = options.once !== true
  title(watch ? 'timeball health --watch' : 'timeball health')
  return await healthCommand(inner, undefined, { ...files, watch, interval: 2 })
}

const healthLine = z.object({
  type: z.literal('health'),
  device: z.string(),
  verdict: z.string(),
  generation: z.number().nullable(),
})

/** The records of both commands, and one result for all. */
async function runJson(
  context: Context,
  environment: Environment,
  files: Files,
): Promise<ExitCode> {
  const records = openRecords(context, true)
  const seen: z.infer<typeof healthLine>[] = []
  const terminal: Terminal = {
    ...context.terminal,
    out(line) {
      const record = z.looseObject({ type: z.string() }).parse(JSON.parse(line))
      if (record.type === 'version' || record.type === 'result') return
      records?.write(record)
      const health = healthLine.safeParse(record)
      if (health.success) seen.push(health.data)
    },
  }
  const inner = withEnvironment(context, environment, terminal)
  const applied = await applyCommand(inner, undefined, { ...files, yes: true, json: true })
  const health = await healthCommand(inner, undefined, { ...files, json: true })
  const exit = applied === exitCodes.done ? health : applied
  const healthy = seen.filter(({ verdict }) => verdict === 'ok').length
  const generations = Object.fromEntries(seen.map(({ device, generation }) => [device, generation]))
  return records?.result(exit, { devices: seen.length, healthy, generations }) ?? exit
}
