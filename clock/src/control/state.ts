/**
 * What a daemon says about itself and its peers, read from the variables of an answer. Pure. A value
 * that is absent or unreadable is `null`. Names and units: ntpd/ntp_control.c of ntpsec 1.2.2, where
 * offsets, delays, dispersions and distances are in ms and frequencies in ppm.
 */
import { decodePeerStatus, decodeSystemStatus, leapOf } from './status.ts'
import type { PeerStatus, SystemStatus } from './status.ts'
import { countOf, ntpTimeOf, numberOf, textOf } from './variables.ts'
import type { Variables } from './variables.ts'

/** Every ntpd has these. Asked by name: "all" makes ntpsec send uninitialised bytes. */
export const systemNames = [
  'leap',
  'stratum',
  'rootdelay',
  'rootdisp',
  'refid',
  'reftime',
  'clock',
  'peer',
  'tc',
  'offset',
  'frequency',
  'sys_jitter',
  'version',
] as const

/** Not every ntpd has these, and one unknown name makes it refuse the whole request. */
export const optionalSystemNames = ['rootdist', 'expire', 'ss_uptime'] as const

/** Every ntpd has these. */
export const peerNames = [
  'srcadr',
  'srchost',
  'stratum',
  'reach',
  'offset',
  'delay',
  'jitter',
  'refid',
] as const

/** `unreadPeers`: how many more the daemon has, all of them less selected than those that were read. */
export interface PeersRead {
  readonly peers: readonly PeerState[]
  readonly unreadPeers: number
}

/** The daemon's own view of its clock: only as true as its sources. */
export interface SystemState {
  readonly status: SystemStatus
  /** 3: alarm, the clock was never set or is no longer followed. */
  readonly leap: 0 | 1 | 2 | 3 | null
  readonly stratum: number | null
  readonly rootDelayMs: number | null
  readonly rootDispersionMs: number | null
  /** The greater of the daemon's own figure and delay/2 + dispersion. */
  readonly rootDistanceMs: number | null
  readonly refid: string | null
  /** Seconds since the clock was last updated, both ends by the daemon's clock; `null`: never. */
  readonly referenceAgeSeconds: number | null
  /** Association id of the peer that is followed; `null` when there is none. */
  readonly peerAssociation: number | null
  /** Poll interval of the system in log2 seconds. */
  readonly pollExponent: number | null
  readonly offsetMs: number | null
  readonly frequencyPpm: number | null
  readonly jitterMs: number | null
  readonly version: string | null
  readonly uptimeSeconds: number | null
  /** When the leap second list expires, in Unix seconds; `null` without a list. */
  readonly leapListExpiresAtSeconds: number | null
}

const noAddress = new Set(['0.0.0.0', '::'])

/** One source of time as the daemon sees it. */
export interface PeerState {
  readonly association: number
  readonly status: PeerStatus
  /** Numeric address; a reference clock has 127.127.TYPE.UNIT. */
  readonly address: string
  /** Name as configured, such as `SHM(0)`; `null` when the daemon does not say. */
  readonly name: string | null
  readonly stratum: number | null
  /** The last eight polls as bits, newest lowest: 255 is "all answered". */
  readonly reach: number | null
  readonly offsetMs: number | null
  readonly delayMs: number | null
  readonly jitterMs: number | null
  readonly refid: string | null
}

/** Reads the answer to `systemNames`. */
export function readSystemState(word: number, variables: Variables): SystemState {
  const leap = countOf(variables, 'leap')
  return {
    status: decodeSystemStatus(word),
    leap: leap === null || leap > 3 ? null : leapOf(leap),
    stratum: countOf(variables, 'stratum'),
    rootDelayMs: numberOf(variables, 'rootdelay'),
    rootDispersionMs: numberOf(variables, 'rootdisp'),
    rootDistanceMs: rootDistanceOf(variables),
    refid: textOf(variables, 'refid'),
    referenceAgeSeconds: referenceAgeOf(variables),
    peerAssociation: countOf(variables, 'peer') || null,
    pollExponent: countOf(variables, 'tc'),
    offsetMs: numberOf(variables, 'offset'),
    frequencyPpm: numberOf(variables, 'frequency'),
    jitterMs: numberOf(variables, 'sys_jitter'),
    version: textOf(variables, 'version'),
    uptimeSeconds: countOf(variables, 'ss_uptime'),
    leapListExpiresAtSeconds: minuteOf(variables, 'expire'),
  }
}

/** Reads the answer to `peerNames`; `null` for a pool's placeholder, which has no address yet. */
export function readPeerState(
  association: number,
  word: number,
  variables: Variables,
): PeerState | null {
  const address = textOf(variables, 'srcadr')
  const refid = textOf(variables, 'refid')
  if (address === null || noAddress.has(address) || refid === 'POOL') return null
  return {
    association,
    status: decodePeerStatus(word),
    address,
    name: textOf(variables, 'srchost'),
    stratum: countOf(variables, 'stratum'),
    reach: countOf(variables, 'reach'),
    offsetMs: numberOf(variables, 'offset'),
    delayMs: numberOf(variables, 'delay'),
    jitterMs: numberOf(variables, 'jitter'),
    refid,
  }
}

/** ntpsec 1.2.2 was seen to say `rootdist=10.000` while `rootdisp` was 7947: neither is enough. */
function rootDistanceOf(variables: Variables): number | null {
  const delayMs = numberOf(variables, 'rootdelay')
  const dispersionMs = numberOf(variables, 'rootdisp')
  if (delayMs === null || dispersionMs === null) return null
  return Math.max(delayMs / 2 + dispersionMs, numberOf(variables, 'rootdist') ?? 0)
}

function referenceAgeOf(variables: Variables): number | null {
  const reference = ntpTimeOf(variables, 'reftime')
  const now = ntpTimeOf(variables, 'clock')
  if (reference === null || now === null) return null
  // Modulo 2^64, so that the age is right across the era change of February 2036.
  return Number(BigInt.asIntN(64, now - reference)) / 2 ** 32
}

/** A UTC minute: ntpsec writes `2026-06-28T00:00Z`, the classic ntpd `202606280000`. */
function minuteOf(variables: Variables, name: string): number | null {
  const digits = (variables.get(name) ?? '').replaceAll(/[-T:Z]/g, '')
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)
  if (match === null) return null
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = match.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute) / 1000
}
