/** Runs Prometheus and Alertmanager as programs of this machine, without a service manager. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import type { ServiceState, Stack, Trouble } from '../ports/monitoring-host.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import { alertmanagerArguments, prometheusArguments } from '../core/monitoring/compose.ts'
import { listenAddress } from '../core/monitoring/prometheus-config.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import { findProgram } from './find-program.ts'
import { startOf } from './process-identity.ts'
import { wait } from './wait.ts'

interface Service {
  readonly name: string
  /** What the program is called; Debian's Alertmanager has a name of its own. */
  readonly programs: readonly string[]
  readonly args: readonly string[]
  readonly listen: { readonly bind: string; readonly port: number }
  readonly url: string
}

/** How long a start or an end may take; Prometheus reads its log of writes first. */
const patienceMs = 60_000
const askAgainMs = 200

export function hostStack(folder: string, fleet: Fleet): Stack {
  const { monitoring } = fleet.settings
  const services: readonly Service[] = [
    {
      name: 'prometheus',
      programs: ['prometheus'],
      args: prometheusArguments(fleet),
      listen: monitoring.prometheus,
      url: `http://${listenAddress(monitoring.prometheus)}`,
    },
    {
      name: 'alertmanager',
      programs: ['alertmanager', 'prometheus-alertmanager'],
      args: alertmanagerArguments(fleet),
      listen: monitoring.alertmanager,
      url: `http://${listenAddress(monitoring.alertmanager)}`,
    },
  ]
  const data = join(folder, 'data')
  return {
    kind: 'host',
    async up() {
      mkdirSync(data, { recursive: true, mode: 0o700 })
      for (const service of services) {
        const started = await startOrReload(folder, service)
        if (!started.ok) return started
      }
      return await eachReady(data, services)
    },
    async down() {
      for (const { name } of services) {
        if (!(await end(data, name))) return fail(`${name} does not end`)
      }
      return ok(null)
    },
    status: () => Promise.all(services.map((service) => stateOf(data, service))),
  }
}

const recordSchema = z.object({
  pid: z.int().positive(),
  /** Tells it from a later process with the same number. */
  start: z.string(),
  args: z.array(z.string()),
})

/** What runs under this name; `null`: nothing that we started. */
function runningOf(data: string, name: string): z.output<typeof recordSchema> | null {
  try {
    const record = recordSchema.parse(JSON.parse(readFileSync(pidFile(data, name), 'utf8')))
    const isSame = startOf(record.pid) === record.start
    return isSame && !isZombie(record.pid) ? record : null
  } catch {
    return null
  }
}

/** It has ended, and its parent has not asked how (proc(5)). In a container nobody may ever ask. */
function isZombie(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
}

function pidFile(data: string, name: string): string {
  return join(data, `${name}.pid`)
}

async function startOrReload(folder: string, service: Service): Promise<Result<null, Trouble>> {
  const data = join(folder, 'data')
  const running = runningOf(data, service.name)
  if (running !== null && running.args.join('\n') === service.args.join('\n')) {
    process.kill(running.pid, 'SIGHUP')
    return ok(null)
  }
  // Another address to listen on needs another process.
  if (!(await end(data, service.name))) return fail(`${service.name} does not end`)
  if (await isTaken(service.listen)) {
    return fail(`${service.name}: something else listens on ${service.url} already`)
  }
  return start(folder, service)
}

/** A server that cannot bind ends at once, and the other one would answer in its place. */
function isTaken({ bind, port }: Service['listen']): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.on('error', () => resolve(true))
  server.listen(port, bind, () => server.close(() => resolve(false)))
  return promise
}

function start(folder: string, { name, programs, args }: Service): Result<null, Trouble> {
  const program = findProgram(programs)
  if (program === null) {
    return fail(`there is neither docker compose nor ${programs.join(' or ')}: install one of them`)
  }
  const data = join(folder, 'data')
  const log = openSync(join(data, `${name}.log`), 'a', 0o600)
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.on('error', () => {})
  child.unref()
  if (child.pid === undefined) return fail(`${program} cannot be started`)
  const record = { pid: child.pid, start: startOf(child.pid) ?? '', args }
  writeFileSync(pidFile(data, name), JSON.stringify(record), { mode: 0o600 })
  return ok(null)
}

/** Whether it has ended. */
async function end(data: string, name: string): Promise<boolean> {
  const running = runningOf(data, name)
  if (running !== null) {
    process.kill(running.pid, 'SIGTERM')
    const isOver = await soon(() => Promise.resolve(runningOf(data, name) === null))
    if (!isOver) return false
  }
  rmSync(pidFile(data, name), { force: true })
  return true
}

async function eachReady(
  data: string,
  services: readonly Service[],
): Promise<Result<null, Trouble>> {
  for (const service of services) {
    const isReady = await soon(async () => {
      const { state } = await stateOf(data, service)
      return state === 'ready' || state === 'stopped'
    })
    const { state, detail } = await stateOf(data, service)
    if (!isReady || state !== 'ready') return fail(`${service.name} is ${state}: ${detail}`)
  }
  return ok(null)
}

async function stateOf(data: string, { name, url }: Service): Promise<ServiceState> {
  if (runningOf(data, name) === null)
    return { name, state: 'stopped', detail: lastWords(data, name) }
  const state = (await answers(`${url}/-/ready`)) ? 'ready' : 'starting'
  return { name, state, detail: url }
}

function lastWords(data: string, name: string): string {
  try {
    const lines = readFileSync(join(data, `${name}.log`), 'utf8')
      .trim()
      .split('\n')
    return printable(lines.at(-1) ?? '')
  } catch {
    return 'it was not started'
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'error' })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

async function soon(probe: () => Promise<boolean>): Promise<boolean> {
  const never = new AbortController().signal
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    if (await probe()) return true
    await wait(askAgainMs, never)
  }
  return false
}
