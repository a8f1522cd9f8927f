/** What some accepted exchanges together say about one server, and the words for not knowing. Pure. */
import { unixNsFromStamp, type Leap, type NtpPacket } from './packet.ts'
import { formatRefid } from './refid.ts'
import { precisionSeconds, type Exchange, type NtpSample } from './sample.ts'

/** What is known about one server's clock after one or more exchanges. Seconds everywhere. */
export interface NtpMeasurement {
  /** How far the server's clock is ahead of ours, by the exchange with the lowest delay. */
  readonly offsetSeconds: number
  /** Round trip of that exchange. */
  readonly delaySeconds: number
  /** Bound on the error of `offsetSeconds`: half the delay plus the precision of both clocks. */
  readonly errorSeconds: number
  /** Root mean square distance of the other samples' offsets from the chosen one; 0 with one. */
  readonly jitterSeconds: number
  /** As the server says: round trip to its primary reference. */
  readonly rootDelaySeconds: number
  /** As the server says: accumulated error up to its primary reference. */
  readonly rootDispersionSeconds: number
  /** Bound on the error against UTC, if the server tells the truth (RFC 5905 section 11.2.1). */
  readonly rootDistanceSeconds: number
  /** Precision of the server's clock. */
  readonly precisionSeconds: number
  /** 1 to 15. */
  readonly stratum: number
  /** Never 3: that is a failure. */
  readonly leap: Leap
  /** Printable: `GPS`, `PPS`, or the address of the upstream (see `formatRefid`). */
  readonly refid: string
  /** Since the server's clock was last set; `null` when it does not say. */
  readonly referenceAgeSeconds: number | null
  /**
   * The reference timestamps of all accepted exchanges, as 16 hexadecimal digits each: when the
   * server's clock was set, by itself.
   */
  readonly referenceStamps: readonly string[]
  /** How many exchanges were accepted; at least 1. */
  readonly samples: number
}

/**
 * - `no-answer`: nothing that was an answer came in time
 * - `refused`: nothing listens on that port (ICMP said so)
 * - `unreachable`: a router or the neighbourhood says that the host is not there
 * - `local`: this machine could not ask (no route, no socket); says nothing about the server
 * - `unsynchronised`: it answers, but has no time to give (leap alarm, stratum 0 or 16)
 * - `kiss`: it tells us to go away; `detail` has the code
 * - `bogus`: its timestamps contradict each other
 * - `clock-stepped`: our own clock was set during the exchange
 * - `bad-address`: the name does not resolve
 * - `aborted`: by `signal`
 */
export type NtpFailureCode =
  | 'no-answer'
  | 'refused'
  | 'unreachable'
  | 'local'
  | 'unsynchronised'
  | 'kiss'
  | 'bogus'
  | 'clock-stepped'
  | 'bad-address'
  | 'aborted'

/** `detail` is printable text. */
export interface NtpFailure {
  readonly code: NtpFailureCode
  readonly detail: string
}

/** One accepted exchange, with all that is needed to make a measurement of it. */
export interface Accepted {
  readonly packet: NtpPacket
  readonly exchange: Exchange
  readonly sample: NtpSample
}

/** What a timestamp taken in a Node event loop is good for, beyond the network's delay. */
export const localPrecisionSeconds = 0.0002

/** Frequency tolerance of a clock (RFC 5905, PHI). */
const driftPerSecond = 15e-6

/** The exchange with the lowest delay has the smallest error: it decides. `null` when none is given. */
export function measurementOf(accepted: readonly Accepted[]): NtpMeasurement | null {
  const [first, ...others] = accepted
  if (first === undefined) return null
  const best = others.reduce(
    (low, next) => (next.sample.delaySeconds < low.sample.delaySeconds ? next : low),
    first,
  )
  const { packet, exchange, sample } = best
  const jitterSeconds = jitterOf(accepted, sample.offsetSeconds)
  const precision = precisionSeconds(packet)
  const elapsedSeconds = Number(exchange.heardUnixNs - exchange.sentUnixNs) / 1e9
  return {
    ...sample,
    errorSeconds: sample.delaySeconds / 2 + precision + localPrecisionSeconds,
    jitterSeconds,
    rootDelaySeconds: packet.rootDelaySeconds,
    rootDispersionSeconds: packet.rootDispersionSeconds,
    rootDistanceSeconds:
      (packet.rootDelaySeconds + sample.delaySeconds) / 2 +
      packet.rootDispersionSeconds +
      precision +
      localPrecisionSeconds +
      driftPerSecond * elapsedSeconds +
      jitterSeconds,
    precisionSeconds: precision,
    stratum: packet.stratum,
    leap: packet.leap,
    refid: formatRefid(packet.refid, packet.stratum),
    referenceAgeSeconds: referenceAgeOf(best),
    referenceStamps: referenceStampsOf(accepted),
    samples: accepted.length,
  }
}

function jitterOf(accepted: readonly Accepted[], chosenSeconds: number): number {
  if (accepted.length < 2) return 0
  const squares = accepted.map(({ sample }) => (sample.offsetSeconds - chosenSeconds) ** 2)
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (accepted.length - 1))
}

function referenceStampsOf(accepted: readonly Accepted[]): string[] {
  const stamps = new Set(accepted.map(({ packet }) => packet.referenceStamp))
  stamps.delete(0n)
  return [...stamps].map((stamp) => stamp.toString(16).padStart(16, '0'))
}

/** Both stamps are the server's, so the age is free of the offset between its clock and ours. */
function referenceAgeOf({ packet, exchange }: Accepted): number | null {
  if (packet.referenceStamp === 0n) return null
  const answeredNs = unixNsFromStamp(packet.transmitStamp, exchange.sentUnixNs)
  const referenceNs = unixNsFromStamp(packet.referenceStamp, answeredNs)
  return Number(answeredNs - referenceNs) / 1e9
}
