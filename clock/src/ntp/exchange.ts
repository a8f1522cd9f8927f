/** One request and its reply over a UDP socket of its own, with our two timestamps around them. */
import { createSocket, type Socket } from 'node:dgram'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { startClock } from './exchange-clock.ts'
import { clientRequest, parsePacket } from './packet.ts'
import type { Accepted, NtpFailure } from './measurement.ts'
import { checkReply, sampleOf } from './sample.ts'

export interface ExchangeRequest {
  /** An address, not a name. */
  readonly host: string
  readonly family: 4 | 6
  readonly port: number
  readonly timeoutMs: number
  readonly cookie: bigint
  readonly signal: AbortSignal
}

export type Outcome = Result<Accepted, NtpFailure>

/**
 * A fresh socket each time, so that its random source port is a second secret beside the cookie.
 * It is connected: the kernel drops datagrams of other senders and reports a closed port.
 */
export function exchangeOnce(request: ExchangeRequest): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const socket = createSocket(request.family === 6 ? 'udp6' : 'udp4')
  const clock = startClock()
  let sentUnixNs = clock.nowUnixNs()
  let lastIgnored: string | null = null

  const give = (outcome: Outcome): void => {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', abort)
    closeQuietly(socket)
    resolve(outcome)
  }
  const abort = (): void => give(fail({ code: 'aborted', detail: 'aborted while waiting' }))
  const timer = setTimeout(() => {
    const heard = lastIgnored === null ? '' : `; ignored: ${lastIgnored}`
    const detail = `no answer on UDP ${request.port} within ${request.timeoutMs} ms${heard}`
    give(fail({ code: 'no-answer', detail }))
  }, request.timeoutMs)

  request.signal.addEventListener('abort', abort, { once: true })
  socket.on('error', (error) => give(fail(socketFailure(error, request.port))))
  socket.on('message', (bytes) => {
    const heardUnixNs = clock.nowUnixNs()
    const outcome = readReply(bytes, request.cookie, { sentUnixNs, heardUnixNs })
    if ('ignored' in outcome) {
      lastIgnored = outcome.ignored
      return
    }
    give(clock.isStepped() ? fail(steppedFailure) : outcome)
  })
  // Not as an argument of connect, which would call it with the error as well.
  socket.once('connect', () => {
    sentUnixNs = clock.nowUnixNs()
    // A send error is reported by the 'error' event as well, or by the timeout.
    socket.send(clientRequest(request.cookie), () => {})
  })
  socket.connect(request.port, request.host)
  return promise
}

const steppedFailure: NtpFailure = {
  code: 'clock-stepped',
  detail: 'the clock of this machine was set during the exchange',
}

function readReply(
  bytes: Uint8Array,
  cookie: bigint,
  exchange: { readonly sentUnixNs: bigint; readonly heardUnixNs: bigint },
): Outcome | { readonly ignored: string } {
  const parsed = parsePacket(bytes)
  if (!parsed.ok) return { ignored: parsed.failure }
  const packet = parsed.value
  const check = checkReply(packet, cookie)
  switch (check.kind) {
    case 'ignored':
      return { ignored: check.why }
    case 'kiss':
      return fail({ code: 'kiss', detail: `the server refuses us (${check.code})` })
    case 'unsynchronised':
      return fail({ code: 'unsynchronised', detail: check.why })
    case 'usable': {
      const sample = sampleOf(packet, exchange)
      if (sample !== null) return ok({ packet, exchange, sample })
      return fail({ code: 'bogus', detail: 'the timestamps of the reply contradict each other' })
    }
  }
}

function socketFailure(error: Error, port: number): NtpFailure {
  const code = 'code' in error ? String(error.code) : error.name
  switch (code) {
    case 'ECONNREFUSED':
      return { code: 'refused', detail: `nothing listens on UDP ${port}` }
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return { code: 'unreachable', detail: 'the host is not reachable' }
    default:
      return { code: 'local', detail: `this machine could not ask (${code})` }
  }
}

function closeQuietly(socket: Socket): void {
  socket.removeAllListeners('message')
  // An ICMP error can still arrive between now and the close.
  socket.removeAllListeners('error')
  socket.on('error', () => {})
  try {
    socket.close()
  } catch {
    // Closed already by a failed connect.
  }
}
