/** What is wrong with a device, as phrases for people. Pure. */
import type { PeerState } from '@timeball/clock/control/state.ts'
import type { Discipline } from './capability.ts'
import type { GpsStatus } from './gps/gps-status.ts'
import type { Daemon, Observation } from './observe.ts'
import { isLocalClock } from './selected.ts'
import type { Settings } from './settings.ts'
import type { SyncVerdict } from './sync.ts'
import { releasedAtMs } from './version.ts'

/** The settings that the decision needs, and who is asked. */
export interface HealthContext {
  readonly device: string
  readonly version: string
  readonly hasGps: boolean
  readonly steersClock: boolean
  readonly maxOffsetMs: number
  /** Which daemon is asked. */
  readonly ntpDaemon: Settings['ntpDaemon']
}

/** One check, and what was made of it. */
export interface Examined {
  readonly observation: Observation
  readonly context: HealthContext
  readonly verdict: SyncVerdict
  readonly offsetMs: number | null
}

/** Worst first. With a fault time is not served, or that cannot be told; with a warning it is. */
export interface Findings {
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
}

const fullDiskPercent = 90
/**
 * A single source can neither be compared nor lost. That it takes four to outvote a false one (RFC
 * 8633 §3.2) is a matter of configuration, and is said when the fleet is planned.
 */
const minSources = 2

/** All that is wrong; nothing on a healthy device. */
export function findingsIn({ observation, context, verdict, offsetMs }: Examined): Findings {
  const { daemon, discipline, gps, others, keysProblem, diskUsedPercent } = observation
  const isServing = verdict.state === 'holdover' || verdict.state === 'doubtful'
  return {
    faults: [
      ...(isServing ? [] : verdict.reasons),
      ...disciplineFaults(discipline, context),
      ...clockFaults(observation),
    ],
    warnings: [
      ...(verdict.state === 'holdover' ? ['holdover: the clock runs on without a source'] : []),
      ...(isServing ? verdict.reasons : []),
      ...verdict.contradictions.map(({ text }) => text),
      ...gpsWarnings(gps),
      ...disciplineWarnings(discipline, context),
      ...(context.steersClock && others.found.length > 0 ? [others.reason] : []),
      ...offsetWarnings(offsetMs, context),
      ...(daemon.ok ? sourceWarnings(daemon.value, context) : []),
      ...(keysProblem === null ? [] : [keysProblem]),
      ...diskWarnings(diskUsedPercent),
    ],
  }
}

/** A source that has rolled over takes the clock and all figures with it: only the decade tells. */
function clockFaults({ unixMs }: Observation): string[] {
  if (unixMs >= releasedAtMs) return []
  const shown = new Date(unixMs).toISOString().slice(0, 10)
  return [`the clock shows ${shown}, which is before this release was made`]
}

function disciplineFaults(discipline: Discipline, context: HealthContext): string[] {
  return context.steersClock && discipline.disciplined === false ? [discipline.reason] : []
}

function disciplineWarnings(discipline: Discipline, context: HealthContext): string[] {
  return context.steersClock && discipline.disciplined === null ? [discipline.reason] : []
}

/**
 * A receiver that was heard and is lost. One that was never heard is no warning by itself: whether
 * ntpd follows it says more, and a gpsd may be there without its socket being within reach.
 */
function gpsWarnings(gps: GpsStatus): string[] {
  switch (gps.state) {
    case 'no-device':
    case 'silent':
    case 'no-fix':
      return [`GPS: ${gps.reason ?? gps.state}`]
    case 'unknown':
      return gps.isLost ? [`GPS: ${gps.reason ?? 'gpsd is lost'}`] : []
    case 'disabled':
    case 'fix':
      return []
  }
}

function offsetWarnings(offsetMs: number | null, context: HealthContext): string[] {
  const shown = offsetMs?.toFixed(3) ?? null
  // Compared as printed: what reads as the limit is not above it.
  if (shown === null || Math.abs(Number(shown)) <= context.maxOffsetMs) return []
  return [`offset ${shown} ms is above ${context.maxOffsetMs} ms`]
}

function sourceWarnings(daemon: Daemon, context: HealthContext): string[] {
  const warnings: string[] = []
  const { stratum } = daemon.system
  if (context.hasGps && stratum !== null && stratum > 1) {
    warnings.push(`GPS is enabled, but the stratum is ${stratum}: GPS is not followed`)
  }
  const sources = daemon.peers.filter((peer) => isUsable(peer)).length
  if (stratum !== 1 && sources < minSources) {
    warnings.push(`only ${sources} of at least ${minSources} sources answer`)
  }
  const absurd = daemon.peers.filter((peer) => isUsable(peer) && isAbsurd(peer.offsetMs))
  if (absurd.length > 0) {
    const offsets = absurd.map(({ address, offsetMs }) => `${address} (${inSeconds(offsetMs)})`)
    warnings.push(`sources too far away for any clock to follow: ${offsets.join(', ')}`)
  }
  const falsetickers = daemon.peers.filter((peer) => peer.status.selection === 'falsetick')
  if (falsetickers.length > 0) {
    warnings.push(`falsetickers: ${falsetickers.map((peer) => peer.address).join(', ')}`)
  }
  const cut = whyCut(daemon)
  return cut === null ? warnings : [...warnings, cut]
}

/** Whom nobody looked at may be false; `null`: all were read. */
export function whyCut({ peers, unreadPeers }: Daemon): string | null {
  if (unreadPeers === 0) return null
  return `only ${peers.length} of ${peers.length + unreadPeers} sources were read, those that the daemon prefers: configure fewer`
}

/** ntpd gives up beyond 1000 s (ntpd(8), "panic threshold"): such as a receiver in another decade. */
const absurdOffsetMs = 1_000_000

function isAbsurd(offsetMs: number | null): boolean {
  return offsetMs !== null && Math.abs(offsetMs) > absurdOffsetMs
}

function inSeconds(offsetMs: number | null): string {
  return offsetMs === null ? 'unknown' : `${Math.round(offsetMs / 1000)} s`
}

function diskWarnings(usedPercent: number | null): string[] {
  if (usedPercent === null) return ['the use of the disk cannot be read']
  return usedPercent >= fullDiskPercent ? [`the disk is ${usedPercent} % full`] : []
}

function isUsable(peer: PeerState): boolean {
  return !isLocalClock(peer) && peer.reach !== null && peer.reach > 0
}
