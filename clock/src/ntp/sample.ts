/**
 * What one reply of a server is worth: whether it counts (RFC 5905 section 8 and 9.2), and which
 * offset and delay the four timestamps give. Pure.
 */
import { unixNsFromStamp, type NtpPacket } from './packet.ts'
import { formatRefid } from './refid.ts'

/** Our two timestamps of one exchange, as Unix nanoseconds of one clock. */
export interface Exchange {
  /** T1. */
  readonly sentUnixNs: bigint
  /** T4. */
  readonly heardUnixNs: bigint
}

/** One accepted exchange. */
export interface NtpSample {
  /** How far the server's clock is ahead of ours; negative when it is behind. */
  readonly offsetSeconds: number
  /** Round trip without the server's own time; never below the server's precision. */
  readonly delaySeconds: number
}

/**
 * - `usable`: a synchronised server answered our request
 * - `ignored`: not an answer to our request (late, forged, another mode): keep waiting
 * - `kiss`: the server asks us to go away; `code` is RATE, DENY, RSTR, …
 * - `unsynchronised`: an honest answer of a server that has no time to give
 */
export type ReplyCheck =
  | { readonly kind: 'usable' }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'kiss'; readonly code: string }
  | { readonly kind: 'unsynchronised'; readonly why: string }

/** Kiss codes that mean "go away" (RFC 5905 section 7.4); the others only say "no time yet". */
const refusals: ReadonlySet<string> = new Set(['RATE', 'DENY', 'RSTR', 'ACST', 'AUTH', 'CRYP'])

/** Checks a reply to the request that carried `cookie`, in the order of RFC 5905 section 8. */
export function checkReply(packet: NtpPacket, cookie: bigint): ReplyCheck {
  if (packet.mode !== 4) return ignored(`mode ${packet.mode} is not a server's reply`)
  if (packet.version < 1 || packet.version > 4) return ignored(`version ${packet.version}`)
  if (packet.originStamp !== cookie) return ignored('not a reply to our request')
  if (packet.stratum === 0) {
    const code = formatRefid(packet.refid, 0)
    return refusals.has(code)
      ? { kind: 'kiss', code }
      : unsynchronised(`stratum 0${code === '' ? '' : `, ${code}`}`)
  }
  if (packet.leap === 3) return unsynchronised(`leap alarm, stratum ${packet.stratum}`)
  if (packet.stratum >= 16) return unsynchronised(`stratum ${packet.stratum}`)
  if (packet.transmitStamp === 0n || packet.receiveStamp === 0n) {
    return unsynchronised('the reply has no timestamps')
  }
  return { kind: 'usable' }
}

function ignored(why: string): ReplyCheck {
  return { kind: 'ignored', why }
}

function unsynchronised(why: string): ReplyCheck {
  return { kind: 'unsynchronised', why }
}

/** How far apart a server's two timestamps, or a delay below zero, may be before it is nonsense. */
const toleranceNs = 1_000_000n

/**
 * Offset and delay of a usable reply (RFC 5905 section 8): `((T2-T1)+(T3-T4))/2` and
 * `(T4-T1)-(T3-T2)`, computed in integers, because a double has no room for both 1900 and
 * nanoseconds. `null` when the timestamps contradict each other: the server says that it worked
 * longer than the whole exchange took, or that it answered before it was asked.
 */
export function sampleOf(packet: NtpPacket, exchange: Exchange): NtpSample | null {
  const { sentUnixNs, heardUnixNs } = exchange
  const receivedNs = unixNsFromStamp(packet.receiveStamp, sentUnixNs)
  const answeredNs = unixNsFromStamp(packet.transmitStamp, sentUnixNs)
  const delayNs = heardUnixNs - sentUnixNs - (answeredNs - receivedNs)
  if (answeredNs - receivedNs < -toleranceNs || delayNs < -toleranceNs) return null

  const twiceOffsetNs = receivedNs - sentUnixNs + (answeredNs - heardUnixNs)
  return {
    offsetSeconds: Number(twiceOffsetNs) / 2e9,
    delaySeconds: Math.max(Number(delayNs) / 1e9, precisionSeconds(packet)),
  }
}

/** Precision of the server's clock; a claim of more than a second is read as one second. */
export function precisionSeconds(packet: NtpPacket): number {
  return 2 ** Math.min(packet.precision, 0)
}
