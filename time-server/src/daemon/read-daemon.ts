/**
 * Asks the NTP daemon of this machine: ntpd by the control protocol, by ntpq when its answer cannot
 * be used, and chronyd by chronyc when nobody answers as an ntpd.
 */
import { parseChronyc, parseNtpq } from '@timeball/clock/control/billboard.ts'
import { controlClient } from '@timeball/clock/control/client.ts'
import type { ControlAddress, ControlFailure } from '@timeball/clock/control/exchange.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { optionalSystemNames, systemNames } from '@timeball/clock/control/state.ts'
import { contradictionsIn } from '../contradictions.ts'
import type { Daemon, DaemonReader } from '../observe.ts'
import { selectedOf } from '../selected.ts'
import type { Settings } from '../settings.ts'
import { runProgram } from './run-program.ts'

type Outcome = Result<Daemon, ControlFailure>

/** ntpd is on this host and answers within a few ms; a stopped one costs a request two of these. */
const controlTimeoutMs = 500
const programTimeoutMs = 2000
/** A program that is not installed is looked for again after this. */
const absentMs = 60_000

/** The programs ask the daemon of this host on its own port, and nothing else. */
export function daemonReader(settings: Settings): DaemonReader {
  const { ntpHost: host, ntpPort: port, ntpDaemon } = settings
  const askControl = controlReader({ host, port, timeoutMs: controlTimeoutMs })
  const isOwnHost = port === 123 && (host === '127.0.0.1' || host === '::1')
  if (ntpDaemon === 'chronyd') return askChronyc
  if (ntpDaemon === 'ntpq') return () => askNtpq(host)
  if (!isOwnHost) return askControl
  const [ntpq, chronyc] = [unlessAbsent(() => askNtpq(host)), unlessAbsent(askChronyc)]
  return async () => {
    const first = await askControl()
    if (first.ok) return first
    const isNtpd = first.failure.code === 'refused' || first.failure.code === 'malformed'
    if (!isNtpd && ntpDaemon === 'ntpd') return first
    const second = await (isNtpd ? ntpq() : chronyc())
    return second.ok ? second : first
  }
}

/**
 * Asks again when the answers contradict each other, and believes the second: system and peers are two
 * questions, and between them the daemon may have gone over to another source.
 */
export function askingAgain(ask: DaemonReader): DaemonReader {
  return async () => {
    const first = await ask()
    if (!first.ok || contradictionsIn(first.value, selectedOf(first.value)).length === 0)
      return first
    return ask()
  }
}

/** A reader of the ntpd at an address. */
function controlReader(address: ControlAddress): DaemonReader {
  const client = controlClient(address)
  return async () => {
    const system = await client.readSystem()
    if (!system.ok) return system
    const peers = await client.readPeers()
    if (!peers.ok) return peers
    return ok({ kind: 'ntpd', through: 'control', system: system.value, ...peers.value })
  }
}

async function askNtpq(host: string): Promise<Outcome> {
  // An unknown name makes ntpd refuse the whole question: these are asked for one by one.
  const system = `rv 0 ${systemNames.join(',')}`
  const optional = optionalSystemNames.flatMap((name) => ['-c', `rv 0 ${name}`])
  const questions = ['-c', 'raw', '-c', system, ...optional, '-c', 'cooked', '-c', 'peers']
  const text = await runProgram('ntpq', ['-n', '-w', ...questions, host], programTimeoutMs)
  const state = text.ok ? parseNtpq(text.value) : text
  return state.ok ? ok({ kind: 'ntpd', through: 'ntpq', ...state.value }) : failed(state.failure)
}

function chronyc(report: string): Promise<Result<string, string>> {
  return runProgram('chronyc', ['-n', '-c', report], programTimeoutMs)
}

async function askChronyc(): Promise<Outcome> {
  const [tracking, sources, ntpdata] = await Promise.all([
    chronyc('tracking'),
    chronyc('sources'),
    chronyc('ntpdata'),
  ])
  if (!tracking.ok) return failed(tracking.failure)
  if (!sources.ok) return failed(sources.failure)
  const nowSeconds = Temporal.Now.instant().epochMilliseconds / 1000
  const output = {
    tracking: tracking.value,
    sources: sources.value,
    ntpdata: ntpdata.ok ? ntpdata.value : '',
  }
  const state = parseChronyc(output, nowSeconds)
  if (!state.ok) return failed(state.failure)
  return ok({ kind: 'chronyd', through: 'chronyc', ...state.value })
}

/** `absent` is the program's failure of not being there; then nothing is started for a while. */
function unlessAbsent(ask: () => Promise<Outcome>): () => Promise<Outcome> {
  let absentSinceMs = -Infinity
  return async () => {
    if (performance.now() - absentSinceMs < absentMs) return failed('ENOENT')
    const outcome = await ask()
    if (!outcome.ok && outcome.failure.detail === 'ENOENT') absentSinceMs = performance.now()
    return outcome
  }
}

function failed(detail: string): Outcome {
  return fail({ code: 'timeout', detail, errorCode: null })
}
