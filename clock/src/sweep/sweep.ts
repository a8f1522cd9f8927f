/**
 * Measures many servers at once, from a few shared sockets. It never sets a clock, and nothing that
 * a server sends can make it throw or wait beyond its timeouts.
 *
 * INVARIANTS:
 * - a reply counts once, only with the random transmit timestamp of its request, and only from the
 *   address and port that were asked;
 * - a server that sent a kiss-o'-death is not asked again;
 * - the end comes at the latest one timeout after the last request.
 */
import { randomBytes } from 'node:crypto'
import { ipFamily } from '@timeball/lib/address.ts'
import { startClock, type ExchangeClock } from '../ntp/exchange-clock.ts'
import type { NtpFailure } from '../ntp/measurement.ts'
import { clientRequest } from '../ntp/packet.ts'
import { signPacket } from './message-code.ts'
import { newServerState, sweptOf, takeReply, type ServerState } from './server-state.ts'
import { sendQueue, type SendQueue } from './send-queue.ts'
import { canonicalAddress, openSockets, type OnMessage, type SocketPool } from './sockets.ts'
import type { Sweep, SweepOptions, SweepTarget } from './target.ts'

/** Never rejects because of what servers or networks do. */
export async function sweepNtp(
  targets: readonly SweepTarget[],
  options: SweepOptions,
): Promise<Sweep> {
  const clock = startClock()
  const startedNs = clock.nowUnixNs()
  const states = targets.map(newServerState)
  const asking = startAsking(clock, options.timeoutMs)
  const families = new Set(targets.map(({ address }) => ipFamily(address) ?? 4))
  const sockets = await openSockets(families, asking.hear)
  try {
    await pace(states, { asking, sockets, options })
  } finally {
    sockets.close()
  }
  const swept = {
    startedNs,
    timeoutMs: options.timeoutMs,
    isAborted: options.signal.aborted,
  }
  return {
    servers: states.map((state) => sweptOf(state, swept)),
    startedUnixMs: Number(startedNs / 1_000_000n),
    tookSeconds: Number(clock.nowUnixNs() - startedNs) / 1e9,
    isStepped: clock.isStepped(),
  }
}

interface Asking {
  /** Sends one request. */
  ask(state: ServerState, sockets: SocketPool): void
  readonly hear: OnMessage
  /** Requests without an outcome. */
  open(): number
}

interface Request {
  readonly state: ServerState
  readonly cookie: bigint
  /** As in a `RemoteInfo`. */
  readonly address: string
  sentUnixNs: bigint
}

const originOffset = 24
const originEnd = 32

function startAsking(clock: ExchangeClock, timeoutMs: number): Asking {
  const requests = new Map<bigint, Request>()
  const timeoutNs = BigInt(timeoutMs) * 1_000_000n
  const cookies = cookieSource()
  return {
    ask(state, sockets) {
      const { target } = state
      const cookie = cookies()
      const bare = clientRequest(cookie)
      const packet = target.key === null ? bare : signPacket(bare, target.key)
      const address = canonicalAddress(target.address)
      const request: Request = { state, cookie, address, sentUnixNs: 0n }
      requests.set(cookie, request)
      state.sent += 1
      request.sentUnixNs = clock.nowUnixNs()
      sockets.send(packet, target, (code) => {
        requests.delete(cookie)
        state.failure = sendFailure(code)
      })
    },
    hear(bytes, from) {
      const heardUnixNs = clock.nowUnixNs()
      if (bytes.byteLength < originEnd) return
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const request = requests.get(view.getBigUint64(originOffset))
      if (request === undefined || heardUnixNs - request.sentUnixNs > timeoutNs) return
      const { state, cookie, sentUnixNs } = request
      const address = canonicalAddress(from.address)
      if (address !== request.address || from.port !== state.target.port) {
        state.stranger = `${address}:${from.port}`
        return
      }
      const exchange = { sentUnixNs, heardUnixNs }
      if (takeReply(state, bytes, { cookie, exchange })) requests.delete(cookie)
    },
    open: () => requests.size,
  }
}

const cookieBatch = 512

/** Random 64-bit numbers, never 0n: that is what servers send for "unknown". */
function cookieSource(): () => bigint {
  let bytes = randomBytes(0)
  let at = 0
  return () => {
    if (at >= bytes.byteLength) {
      bytes = randomBytes(cookieBatch * 8)
      at = 0
    }
    at += 8
    return bytes.readBigUInt64BE(at - 8) | 1n
  }
}

function sendFailure(code: string): NtpFailure {
  if (code === 'EHOSTUNREACH' || code === 'EHOSTDOWN') {
    return { code: 'unreachable', detail: 'the host is not reachable' }
  }
  return { code: 'local', detail: `this machine could not ask (${code})` }
}

interface Pacing {
  readonly asking: Asking
  readonly sockets: SocketPool
  readonly options: SweepOptions
}

/** Resolves when every request has its outcome, its time is over, or the signal fires. */
function pace(states: readonly ServerState[], { asking, sockets, options }: Pacing): Promise<void> {
  const queue: SendQueue<ServerState> = sendQueue(states, options.sendsPerSecond)
  const { promise, resolve } = Promise.withResolvers<void>()
  let lastSentMs = performance.now()

  function turn(): void {
    const nowMs = performance.now()
    for (const state of queue.take(nowMs)) {
      if (state.isOver) continue
      asking.ask(state, sockets)
      lastSentMs = nowMs
      if (state.sent < state.target.samples) queue.add(state, nowMs + state.target.spacingMs)
    }
    const isAllSent = queue.isEmpty()
    const isTimeOver = nowMs - lastSentMs > options.timeoutMs
    if (options.signal.aborted || (isAllSent && (asking.open() === 0 || isTimeOver))) resolve()
    else timer = setTimeout(turn, 1)
  }

  let timer = setTimeout(turn, 0)
  return promise.finally(() => clearTimeout(timer))
}
