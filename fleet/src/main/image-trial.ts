/**
 * Tries an image with the Docker of this machine. The container gets ports of loopback, no capability
 * to set a clock, no device, and nothing to ask but itself.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { queryNtp } from '@timeball/clock/ntp/query.ts'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import {
  endSeconds,
  memoryLimit,
  processLimit,
  stateFolder,
  usualCapabilities,
  writableFolders,
} from '../core/desired/container-rights.ts'
import { environmentFileName, mountedProject } from '../core/desired/paths.ts'
import type { Rights } from '../core/health/image-check.ts'
import type { FoundImage, ImageTrial, RunningTrial } from '../ports/image-trial.ts'
import { probeContract } from '../probes/contract.ts'
import { probeHttpHealth } from '../probes/http-health.ts'
import { call, jsonOf, oneLine, timed } from './docker-call.ts'
import { replaceKey, writeKey, type TrialKeys } from './image-trial-keys.ts'
import { loadKept, type KeptForTrial } from './load-kept.ts'
import { wait } from './wait.ts'

export interface TrialParts {
  readonly ref: string
  /** Where the image is kept; `null`: Docker has it, or pulls it. */
  readonly kept: KeptForTrial | null
  /** How long it may take to answer. */
  readonly patienceMs: number
  readonly signal: AbortSignal
  readonly nonce: string
}

const pullTimeoutMs = 30 * 60_000
const askTimeoutMs = 5000
const pauseMs = 500

export function imageTrial(parts: TrialParts): ImageTrial {
  const { kept } = parts
  // A name of its own: what Docker has under the other one may be another image.
  const ref = kept === null ? parts.ref : `timeball-image-check:${parts.nonce.slice(0, 12)}`
  return {
    async find() {
      const loaded = kept === null ? ok(null) : await loadKept(kept, ref)
      return loaded.ok ? await find(ref) : loaded
    },
    start: (rights) => start({ ...parts, ref }, rights),
    async close() {
      if (kept !== null) await call('rmi', ref)
    },
  }
}

const inspected = z
  .tuple([
    z.looseObject({
      Os: z.string(),
      Architecture: z.string(),
      Config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
    }),
  ])
  .rest(z.unknown())

async function find(ref: string): Promise<Result<FoundImage, string>> {
  const docker = await call('version', '--format', '{{.Server.Version}}')
  if (!docker.ok) return fail(`Docker is needed on this machine: ${docker.failure}`)
  const here = await call('image', 'inspect', ref)
  if (!here.ok) {
    const pulled = await timed(pullTimeoutMs)('pull', '--quiet', ref)
    if (!pulled.ok)
      return fail(`${printable(ref)} is not here, and cannot be pulled: ${pulled.failure}`)
  }
  const described = here.ok ? here : await call('image', 'inspect', ref)
  if (!described.ok) return described
  const read = inspected.safeParse(jsonOf(described.value))
  if (!read.success)
    return fail(`docker image inspect ${printable(ref)} says nothing that is known`)
  const [{ Os, Architecture, Config }] = read.data
  const version = Config?.Labels?.['org.opencontainers.image.version']
  return ok({
    platform: printable(`${Os}/${Architecture}`),
    version: version === undefined ? null : printable(version),
  })
}

async function start(parts: TrialParts, rights: Rights): Promise<Result<RunningTrial, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-image-check-'))
  const name = `timeball-image-check-${parts.nonce.slice(0, 12)}`
  const remove = async (): Promise<void> => {
    await call('rm', '--force', '--volumes', name)
    await rm(folder, { recursive: true, force: true })
  }
  // Of the trial alone, and gone with it.
  await writeKey(join(folder, environmentFileName), parts.nonce)
  const begun = await call(
    'run',
    '--detach',
    '--name',
    name,
    ...argumentsOf(rights, folder),
    parts.ref,
  )
  const ports = begun.ok ? await portsOf(name) : begun
  const answered = ports.ok ? await awaitAnswer(parts, name, ports.value.http) : ports
  if (!ports.ok || !answered.ok) {
    await remove()
    return answered.ok ? fail('it publishes no port') : answered
  }
  const keyFile = join(folder, environmentFileName)
  const trial = { name, ports: ports.value, signal: parts.signal, remove }
  return ok(running({ ...trial, keys: { file: keyFile, first: parts.nonce } }))
}

function argumentsOf(rights: Rights, folder: string): readonly string[] {
  const settings = {
    ...{ CLOCK_DISCIPLINE: 'no', ENABLE_GPS: 'no', ENABLE_PPS: 'no', NTP_SERVERS: '127.0.0.1' },
    ...{ HTTP_PORT: '3000', METRICS_PORT: '9090', NTP_PORT: '123', ENVIRONMENT: 'image-check' },
    API_KEYS_FILE: `${mountedProject}/${environmentFileName}`,
  }
  const caps = usualCapabilities.flatMap((capability) => ['--cap-add', capability])
  return [
    ...(rights === 'usual' ? [] : ['--cap-drop', 'ALL', ...caps]),
    ...(rights === 'deployed' ? ['--read-only'] : []),
    ...['--security-opt', 'no-new-privileges:true', '--restart', 'no', '--pull', 'never'],
    ...['--memory', memoryLimit, '--pids-limit', String(processLimit)],
    ...writableFolders.flatMap((each) => ['--tmpfs', each]),
    ...['--volume', stateFolder, '--volume', `${folder}:${mountedProject}:ro`],
    ...['123/udp', '3000/tcp', '9090/tcp'].flatMap((port) => ['--publish', `127.0.0.1::${port}`]),
    ...Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
  ]
}

interface Ports {
  readonly ntp: number
  readonly http: number
  readonly metrics: number
}

async function portsOf(name: string): Promise<Result<Ports, string>> {
  const told = await call('port', name)
  if (!told.ok) return told
  const port = (inside: string): number =>
    Number(
      told.value
        .split('\n')
        .find((line) => line.startsWith(inside))
        ?.split(':')
        .at(-1),
    )
  const ports = { ntp: port('123/udp'), http: port('3000/tcp'), metrics: port('9090/tcp') }
  return Object.values(ports).every(Number.isInteger) ? ok(ports) : fail(await endOf(name))
}

/** Any answer of HTTP that is as `/health` should be, or the last one when the time is over. */
async function awaitAnswer(
  { patienceMs, signal }: TrialParts,
  name: string,
  port: number,
): Promise<Result<null, string>> {
  const begunMs = performance.now()
  let last = 'no answer'
  while (!signal.aborted) {
    const state = await call('inspect', '--format', '{{.State.Status}}', name)
    if (state.ok && state.value !== 'running') {
      return fail(await endOf(name))
    }
    const asked = await probeHttpHealth({ ...loopback(signal), port })
    if (asked.ok || asked.failure.code === 'not-json' || asked.failure.code === 'http-status') {
      return ok(null)
    }
    last = asked.failure.detail
    if (performance.now() - begunMs > patienceMs) break
    await wait(pauseMs, signal)
  }
  const seconds = Math.round(patienceMs / 1000)
  return fail(`/health gives no answer within ${seconds} s (${last}): ${await lastWords(name)}`)
}

interface Trial {
  readonly name: string
  readonly ports: Ports
  readonly signal: AbortSignal
  readonly remove: () => Promise<void>
  readonly keys: TrialKeys
}

function running({ name, ports, signal, remove, keys }: Trial): RunningTrial {
  const where = loopback(signal)
  return {
    async ask() {
      const [http, contract, ntp, ntpq] = await Promise.all([
        probeHttpHealth({ ...where, port: ports.http }),
        probeContract({ ...where, httpPort: ports.http, metricsPort: ports.metrics }),
        queryNtp({ ...where, port: ports.ntp, samples: 1 }),
        call('exec', name, 'ntpq', '-p', '-n'),
      ])
      const followed = await replaceKey(keys, { ...where, port: ports.http })
      return { http, contract, ntp, ntpq: ntpq.ok ? ok(null) : ntpq, keys: followed }
    },
    async end() {
      await call('stop', '--time', String(endSeconds), name)
      const code = await call('inspect', '--format', '{{.State.ExitCode}}', name)
      await remove()
      if (!code.ok) return code
      return code.value === killed
        ? fail(`it did not end within ${endSeconds} s, and was killed`)
        : ok(null)
    },
  }
}

/** 128 + SIGKILL. */
const killed = '137'

function loopback(signal: AbortSignal): {
  readonly address: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
} {
  return { address: '127.0.0.1', timeoutMs: askTimeoutMs, signal }
}

/** A container that ended publishes no port, either. */
async function endOf(name: string): Promise<string> {
  const code = await call('inspect', '--format', '{{.State.ExitCode}}', name)
  return `it ended with ${code.ok ? printable(code.value) : '?'}: ${await lastWords(name)}`
}

/** The end of its log, in one line. */
async function lastWords(name: string): Promise<string> {
  const log = await call('logs', '--tail', '8', name)
  const text = log.ok ? log.value : log.failure
  return text === '' ? 'it logged nothing' : oneLine(text)
}
