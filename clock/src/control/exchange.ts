/** One question to a daemon and its answer, over UDP. The thin part: bytes in, bytes out. */
import { createSocket } from 'node:dgram'
import { ipFamily } from '@timeball/lib/address.ts'
import { decodeFragment, encodeRequest } from './packet.ts'
import type { ControlRequest } from './packet.ts'
import { reassemble } from './reassemble.ts'
import type { Assembly } from './reassemble.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'

/** Where the daemon is and how long to wait for one answer. */
export interface ControlAddress {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

/** Why there is no answer. `refused` carries RFC 9327's code in `errorCode`, others have `null`. */
export interface ControlFailure {
  /**
   * `timeout`: silence, as with `noquery`, a hung daemon or chronyd. `no-listener`: nothing has the
   * port. `unreachable`: no way to the host. `refused`: the daemon said no. `malformed`: not to be read.
   */
  readonly code: 'timeout' | 'no-listener' | 'unreachable' | 'refused' | 'malformed'
  readonly detail: string
  readonly errorCode: number | null
}

/** A whole answer. */
export interface ControlReply {
  readonly status: number
  readonly data: Uint8Array
}

type Outcome = Result<ControlReply, ControlFailure>

/** A flood of foreign datagrams ends the wait instead of holding the process. */
const maxDatagrams = 128

/**
 * Sends `request` once and waits for its whole answer. The socket is connected, so the kernel drops
 * what comes from elsewhere, and a port without a listener is noticed at once. Never rejects.
 */
export function exchange(address: ControlAddress, request: ControlRequest): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const socket = createSocket(ipFamily(address.host) === 6 ? 'udp6' : 'udp4')
  const timer = setTimeout(() => finish(failure('timeout', 'no answer')), address.timeoutMs)
  let assembly: Assembly = []
  let datagrams = 0
  let isDone = false

  function finish(outcome: Outcome): void {
    if (isDone) return
    isDone = true
    clearTimeout(timer)
    socket.close()
    resolve(outcome)
  }
  socket.on('error', (error) => finish(socketFailure(error)))
  socket.on('message', (datagram) => {
    datagrams += 1
    if (datagrams > maxDatagrams) return finish(failure('malformed', 'too many datagrams'))
    const outcome = receive(datagram)
    if (outcome !== null) finish(outcome)
  })
  function receive(datagram: Uint8Array): Outcome | null {
    const fragment = decodeFragment(datagram)
    if (fragment === null) return null
    const step = reassemble(request, assembly, fragment)
    switch (step.kind) {
      case 'ignored':
        return null
      case 'pending':
        assembly = step.assembly
        return null
      case 'complete':
        return ok({ status: step.status, data: step.data })
      case 'refused':
        return failure('refused', `error ${step.code}`, step.code)
      case 'broken':
        return failure('malformed', step.why)
    }
  }
  // Not as an argument of connect, which would call it with the error as well.
  socket.once('connect', () => {
    if (!isDone) socket.send(encodeRequest(request))
  })
  socket.connect(address.port, address.host)
  return promise
}

function failure(
  code: ControlFailure['code'],
  detail: string,
  errorCode: number | null = null,
): { readonly ok: false; readonly failure: ControlFailure } {
  return fail({ code, detail, errorCode })
}

function socketFailure(error: Error): Outcome {
  const code = 'code' in error ? error.code : ''
  if (code === 'ECONNREFUSED') return failure('no-listener', 'nothing listens on the NTP port')
  return failure('unreachable', String(code === '' ? error.message : code))
}
