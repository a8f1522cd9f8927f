/** Builders of what a look finds: a server in good step unless a test says other. Only for tests. */
import type { PeerState, SystemState } from '@timeball/clock/control/state.ts'
import { decodePeerStatus } from '@timeball/clock/control/status.ts'
import type { HealthContext } from '../findings.ts'
import { noGps } from '../gps/gps-status.ts'
import type { Observation } from '../observe.ts'

/** A peer that answers every poll and is a candidate. */
export function aPeer(change: Partial<PeerState> = {}, selection: number = 4): PeerState {
  return {
    association: 100,
    status: decodePeerStatus(0x9000 | (selection << 8)),
    address: '192.0.2.1',
    name: '192.0.2.1',
    stratum: 1,
    reach: 255,
    offsetMs: 0.1,
    delayMs: 0.4,
    jitterMs: 0.02,
    refid: 'GPS',
    ...change,
  }
}

/** Stratum 2, updated 12 s ago. */
export function aSystem(change: Partial<SystemState> = {}): SystemState {
  return {
    status: { leap: change.leap ?? 0, source: 6, eventCount: 1, event: 5 },
    leap: 0,
    stratum: 2,
    rootDelayMs: 0.5,
    rootDispersionMs: 11,
    rootDistanceMs: 11.25,
    refid: '192.0.2.1',
    referenceAgeSeconds: 12,
    peerAssociation: 100,
    pollExponent: 6,
    offsetMs: 0.05,
    frequencyPpm: -3.2,
    jitterMs: 0.04,
    version: 'ntpd ntpsec-1.2.3',
    uptimeSeconds: 4000,
    leapListExpiresAtSeconds: null,
    ...change,
  }
}

/** `*` on the first of three peers that agree. */
export function threePeers(): PeerState[] {
  return [
    aPeer({}, 6),
    aPeer({ address: '192.0.2.2' }),
    aPeer({ address: '192.0.2.3', refid: '192.0.2.9' }),
  ]
}

/** One check at a server in good step. */
export function aLook(
  system: Partial<SystemState> = {},
  peers: readonly PeerState[] = threePeers(),
  change: Partial<Observation> = {},
): Observation {
  return {
    daemon: {
      ok: true,
      value: { kind: 'ntpd', through: 'control', system: aSystem(system), peers, unreadPeers: 0 },
    },
    discipline: { disciplined: true, reason: 'ntpd has CAP_SYS_TIME' },
    gps: noGps,
    others: { found: [], isComplete: true, reason: '' },
    keysProblem: null,
    diskUsedPercent: 41,
    unixMs: Date.UTC(2026, 10, 23, 8),
    uptimeSeconds: 81.5,
    ...change,
  }
}

/** The settings of a stratum 2 server. */
export const aContext: HealthContext = {
  device: 'pi-ntp-01',
  version: '1.2.3',
  hasGps: false,
  steersClock: true,
  maxOffsetMs: 100,
  ntpDaemon: 'auto',
}
