/**
 * What a simulated ntpd knows and says: its sources, the choice among them, and the reply to a
 * client. Pure. It follows ntpd's shape (RFC 5905) and simplifies its statistics.
 */
import { formatPacket, stampFromUnixNs, type NtpPacket } from '@timeball/clock/ntp/packet.ts'

/** The codes of a peer status word's selection field (RFC 9327 section 3.2). */
export const selection = {
  reject: 0,
  falseticker: 1,
  candidate: 4,
  sysPeer: 6,
  ppsPeer: 7,
} as const

/** A time source as the daemon sees it: one line of `ntpq -p`. */
export interface Source {
  /** 1..65535 */
  readonly association: number
  /** IPv4; a reference clock has 127.127.TYPE.UNIT. */
  readonly address: string
  readonly name: string
  readonly refid: string
  readonly stratum: number
  /** The last eight polls as bits, newest lowest. */
  readonly reach: number
  /** Of its time against ours. */
  readonly offsetMs: number
  readonly delayMs: number
  readonly jitterMs: number
  readonly selection: (typeof selection)[keyof typeof selection]
}

export interface ClockState {
  readonly leap: 0 | 3
  readonly stratum: number
  /** As sent: four characters at stratum 1, the upstream's IPv4 address above it. */
  readonly refid: string
  readonly rootDelaySeconds: number
  readonly rootDispersionSeconds: number
  /** When the clock was last updated; `null` is never. */
  readonly referenceUnixNs: bigint | null
  /** Of the source that is followed; 0 is none. */
  readonly peer: number
  readonly offsetMs: number
  readonly jitterMs: number
  readonly sources: readonly Source[]
}

/** A daemon that has just started, or has lost all its sources. */
export function unsynchronised(sources: readonly Source[]): ClockState {
  return {
    leap: 3,
    stratum: 16,
    refid: 'INIT',
    rootDelaySeconds: 0,
    rootDispersionSeconds: 1,
    referenceUnixNs: null,
    peer: 0,
    offsetMs: 0,
    jitterMs: 0,
    sources,
  }
}

/** log2 of seconds: about 0.06 µs, what ntpsec measures on a Pi 4. */
const precision = -24
/** log2 of seconds: what the reply says about our own polls. */
export const pollExponent = 6

export interface Query {
  readonly request: NtpPacket
  readonly receivedUnixNs: bigint
  readonly answeredUnixNs: bigint
}

/** The mode-4 datagram for a mode-3 request. Both times are by the simulated clock. */
export function serverReply(state: ClockState, query: Query): Uint8Array {
  const { request, receivedUnixNs, answeredUnixNs } = query
  return formatPacket({
    leap: state.leap,
    version: request.version,
    mode: 4,
    stratum: state.stratum === 16 ? 0 : state.stratum,
    poll: Math.max(request.poll, pollExponent),
    precision,
    rootDelaySeconds: state.rootDelaySeconds,
    rootDispersionSeconds: state.rootDispersionSeconds,
    refid: refidBits(state.refid),
    referenceStamp: state.referenceUnixNs === null ? 0n : stampFromUnixNs(state.referenceUnixNs),
    originStamp: request.transmitStamp,
    receiveStamp: stampFromUnixNs(receivedUnixNs),
    transmitStamp: stampFromUnixNs(answeredUnixNs),
  })
}

/** Dotted quads as an address, anything else as up to four characters (RFC 5905 section 7.3). */
function refidBits(refid: string): number {
  const quad = /^\d+\.\d+\.\d+\.\d+$/.test(refid)
  const bytes = quad ? Buffer.from(refid.split('.').map(Number)) : Buffer.from(refid, 'latin1')
  const field = Buffer.alloc(4)
  bytes.copy(field, 0, 0, 4)
  return field.readUInt32BE()
}
