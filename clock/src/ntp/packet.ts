/**
 * The 48-byte header of an NTP packet (RFC 5905 section 7.3), both directions. Pure: no socket, no
 * clock. What a packet means is decided in `sample.ts`.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'

/** Length of the header. What follows it (extension fields, MAC) is not read. */
export const packetBytes = 48

/** Seconds from 1900-01-01 (NTP era 0) to 1970-01-01 (RFC 5905 figure 4). */
const unixEpochSeconds = 2_208_988_800n
const nsPerSecond = 1_000_000_000n

/** Leap indicator (RFC 5905 figure 9): 3 is "not synchronised", also called alarm. */
export type Leap = 0 | 1 | 2 | 3

/** The fields as sent. Stamps are the raw 64 bits (32.32 fixed point); 0n is "unknown". */
export interface NtpPacket {
  readonly leap: Leap
  /** 0 to 7; 4 today, 3 is still seen. */
  readonly version: number
  /** 0 to 7; 3 is client, 4 is server. */
  readonly mode: number
  /** 0 is "unspecified" or a kiss-o'-death, 1 a primary server, 16 unsynchronised. */
  readonly stratum: number
  /** log2 of seconds, signed. */
  readonly poll: number
  /** log2 of seconds, signed. */
  readonly precision: number
  /** Unsigned 16.16 fixed point on the wire. */
  readonly rootDelaySeconds: number
  /** Unsigned 16.16 fixed point on the wire. */
  readonly rootDispersionSeconds: number
  /** The raw 32 bits; `formatRefid` makes text of them. */
  readonly refid: number
  readonly referenceStamp: bigint
  readonly originStamp: bigint
  readonly receiveStamp: bigint
  readonly transmitStamp: bigint
}

/** Reads a header. The only failure is a datagram that is too short: every bit pattern is a packet. */
export function parsePacket(bytes: Uint8Array): Result<NtpPacket, string> {
  if (bytes.byteLength < packetBytes) {
    return fail(`${bytes.byteLength} bytes instead of ${packetBytes}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, packetBytes)
  const flags = view.getUint8(0)
  return ok({
    leap: leaps[flags >> 6] ?? 3,
    version: (flags >> 3) & 7,
    mode: flags & 7,
    stratum: view.getUint8(1),
    poll: view.getInt8(2),
    precision: view.getInt8(3),
    rootDelaySeconds: view.getUint32(4) / 65_536,
    rootDispersionSeconds: view.getUint32(8) / 65_536,
    refid: view.getUint32(12),
    referenceStamp: view.getBigUint64(16),
    originStamp: view.getBigUint64(24),
    receiveStamp: view.getBigUint64(32),
    transmitStamp: view.getBigUint64(40),
  })
}

const leaps: readonly Leap[] = [0, 1, 2, 3]

/** Writes a header; values out of their field's range are cut to its bits. */
export function formatPacket(packet: NtpPacket): Uint8Array {
  const bytes = new Uint8Array(packetBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, (packet.leap << 6) | ((packet.version & 7) << 3) | (packet.mode & 7))
  view.setUint8(1, packet.stratum)
  view.setInt8(2, packet.poll)
  view.setInt8(3, packet.precision)
  view.setUint32(4, Math.round(packet.rootDelaySeconds * 65_536))
  view.setUint32(8, Math.round(packet.rootDispersionSeconds * 65_536))
  view.setUint32(12, packet.refid)
  view.setBigUint64(16, packet.referenceStamp)
  view.setBigUint64(24, packet.originStamp)
  view.setBigUint64(32, packet.receiveStamp)
  view.setBigUint64(40, packet.transmitStamp)
  return bytes
}

/**
 * A client's request. It tells nothing about the client: all fields are zero except version, mode
 * and a random `cookie` in place of the transmit time (draft-ietf-ntp-data-minimization), which the
 * server repeats as origin and an off-path attacker cannot guess.
 */
export function clientRequest(cookie: bigint): Uint8Array {
  return formatPacket({ ...blankPacket, transmitStamp: cookie })
}

const blankPacket: NtpPacket = {
  leap: 0,
  version: 4,
  mode: 3,
  stratum: 0,
  poll: 0,
  precision: 0,
  rootDelaySeconds: 0,
  rootDispersionSeconds: 0,
  refid: 0,
  referenceStamp: 0n,
  originStamp: 0n,
  receiveStamp: 0n,
  transmitStamp: 0n,
}

/** A Unix time in nanoseconds as the 64 bits of the wire, rounded to the nearest 2^-32 s. */
export function stampFromUnixNs(unixNs: bigint): bigint {
  const ntpNs = unixNs + unixEpochSeconds * nsPerSecond
  return BigInt.asUintN(64, ((ntpNs << 32n) + nsPerSecond / 2n) / nsPerSecond)
}

/**
 * The Unix time in nanoseconds of a stamp. A stamp has 32 bits of seconds, so it names one instant
 * in each era of 136 years (the first ends on 2036-02-07); the one nearest to `nearUnixNs` is meant
 * (RFC 5905 section 6).
 */
export function unixNsFromStamp(stamp: bigint, nearUnixNs: bigint): bigint {
  const nearSeconds = nearUnixNs / nsPerSecond
  const distance = BigInt.asIntN(32, (stamp >> 32n) - (nearSeconds + unixEpochSeconds))
  const seconds = nearSeconds + distance
  const fraction = BigInt.asUintN(32, stamp)
  return seconds * nsPerSecond + ((fraction * nsPerSecond + (1n << 31n)) >> 32n)
}
