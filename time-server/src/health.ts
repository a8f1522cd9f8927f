/**
 * What `GET /health` says. Pure. `healthy` and `degraded` serve time and answer 200; `unhealthy` does
 * not serve good time, or cannot tell, and answers 503. Nothing here is a guess: unknown is `null`.
 */
import type { ControlFailure } from '@timeball/clock/control/exchange.ts'
import type { PeerState, SystemState } from '@timeball/clock/control/state.ts'
import type { Discipline } from './capability.ts'
import type { GpsState, GpsStatus } from './gps/gps-status.ts'
import type { Daemon, Observation } from './observe.ts'
import type { Settings } from './settings.ts'
import { isLocalClock, judgeSync } from './sync.ts'
import type { SyncVerdict } from './sync.ts'

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

/** The JSON body. Units are in the names; `null` is "not known", except where a field says other. */
export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  /** Why it is not `healthy`, worst first, as phrases for people. */
  readonly reasons: readonly string[]
  readonly version: string
  readonly device: string
  readonly uptime_seconds: number
  readonly ntp: NtpHealth
  readonly gps: GpsHealth
  readonly disk: { readonly used_percent: number | null }
  readonly clock: Discipline
}

/** The daemon's own word on its clock, and our verdict `synced` on that word. */
export interface NtpHealth {
  readonly synced: boolean | null
  readonly leap: number | null
  readonly stratum: number | null
  readonly offset_ms: number | null
  readonly root_delay_ms: number | null
  readonly root_dispersion_ms: number | null
  readonly jitter_ms: number | null
  readonly frequency_ppm: number | null
  readonly refid: string | null
  /** `null` when none is selected, or when that is not known: then `synced` is `null` too. */
  readonly selected: SelectedHealth | null
  readonly reftime_age_seconds: number | null
  /** How many sources are configured, answering or not. */
  readonly peers: number | null
}

/** The receiver in short; `/api/gps/status` has the rest. */
export interface GpsHealth {
  readonly state: GpsState
  readonly reason: string | null
  readonly mode: number | null
  readonly satellites_used: number | null
}

/** The source that is followed. `reach`: the last eight polls as bits, 255 is all of them. */
export interface SelectedHealth {
  readonly address: string
  readonly tally: string
  readonly reach: number | null
}

const fullDiskPercent = 90
/**
 * A single source can neither be compared nor lost. That it takes four to outvote a false one (RFC
 * 8633 §3.2) is a matter of configuration, and is said when the fleet is planned.
 */
const minSources = 2

/** Decides from one look. */
export function decideHealth(observation: Observation, context: HealthContext): Health {
  const { daemon, discipline, gps, others, diskUsedPercent } = observation
  const verdict = daemon.ok ? judgeSync(daemon.value) : noVerdict(daemon.failure, context)
  const holdover = verdict.isHolding ? ['holdover: the clock runs on without a source'] : []
  const faults = [
    ...(verdict.isHolding ? [] : verdict.reasons),
    ...disciplineFaults(discipline, context),
  ]
  const warnings = [
    ...holdover,
    ...(verdict.isHolding ? verdict.reasons : []),
    ...gpsWarnings(gps),
    ...disciplineWarnings(discipline, context),
    ...(context.steersClock && others.found.length > 0 ? [others.reason] : []),
    ...(daemon.ok ? sourceWarnings(daemon.value, context) : []),
    ...diskWarnings(diskUsedPercent),
  ]
  return {
    status: faults.length > 0 ? 'unhealthy' : warnings.length > 0 ? 'degraded' : 'healthy',
    reasons: [...faults, ...warnings],
    version: context.version,
    device: context.device,
    uptime_seconds: Math.floor(observation.uptimeSeconds),
    ntp: daemon.ok ? ntpHealth(daemon.value, verdict) : unknownNtp,
    gps: {
      state: gps.state,
      reason: gps.reason,
      mode: gps.mode,
      satellites_used: gps.satellitesUsed,
    },
    disk: { used_percent: diskUsedPercent },
    clock: discipline,
  }
}

const failureReasons = {
  timeout: 'ntpd does not answer',
  'no-listener': 'ntpd does not run: nothing listens on the NTP port',
  unreachable: 'ntpd cannot be reached',
  refused: 'ntpd refuses to tell its state',
  malformed: "ntpd's answer cannot be read",
} as const satisfies Record<ControlFailure['code'], string>

function noVerdict(failure: ControlFailure, context: HealthContext): SyncVerdict {
  const reason = failureReasons[failure.code]
  const isChrony = context.ntpDaemon === 'chronyd'
  const reasons = [isChrony ? 'chronyd does not answer chronyc' : reason]
  return { synced: null, reasons, selected: null, isHolding: false }
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

function sourceWarnings(daemon: Daemon, context: HealthContext): string[] {
  const warnings: string[] = []
  const { stratum, offsetMs } = daemon.system
  if (offsetMs !== null && Math.abs(offsetMs) > context.maxOffsetMs) {
    warnings.push(`offset ${offsetMs.toFixed(3)} ms is above ${context.maxOffsetMs} ms`)
  }
  if (context.hasGps && stratum !== null && stratum > 1) {
    warnings.push(`GPS is enabled, but the stratum is ${stratum}: GPS is not followed`)
  }
  const sources = daemon.peers.filter((peer) => isUsable(peer)).length
  if (stratum !== 1 && sources < minSources) {
    warnings.push(`only ${sources} of at least ${minSources} sources answer`)
  }
  const falsetickers = daemon.peers.filter((peer) => peer.status.selection === 'falsetick')
  if (falsetickers.length > 0) {
    warnings.push(`falsetickers: ${falsetickers.map((peer) => peer.address).join(', ')}`)
  }
  return warnings
}

function diskWarnings(usedPercent: number | null): string[] {
  if (usedPercent === null) return ['the use of the disk cannot be read']
  return usedPercent >= fullDiskPercent ? [`the disk is ${usedPercent} % full`] : []
}

function isUsable(peer: PeerState): boolean {
  return !isLocalClock(peer) && peer.reach !== null && peer.reach > 0
}

function ntpHealth({ system, peers }: Daemon, verdict: SyncVerdict): NtpHealth {
  return {
    synced: verdict.synced,
    ...systemHealth(system),
    selected: selectedHealth(verdict.selected),
    peers: peers.length,
  }
}

function selectedHealth(peer: PeerState | null): SelectedHealth | null {
  if (peer === null) return null
  return { address: peer.address, tally: peer.status.tally, reach: peer.reach }
}

function systemHealth(system: SystemState): Omit<NtpHealth, 'synced' | 'selected' | 'peers'> {
  const { leap, stratum, refid, referenceAgeSeconds } = system
  // Until the first update ntpd tells zeros which nobody has measured.
  const isMeasured = referenceAgeSeconds !== null
  return {
    leap,
    stratum,
    offset_ms: isMeasured ? system.offsetMs : null,
    root_delay_ms: isMeasured ? system.rootDelayMs : null,
    root_dispersion_ms: isMeasured ? system.rootDispersionMs : null,
    jitter_ms: isMeasured ? system.jitterMs : null,
    frequency_ppm: isMeasured ? system.frequencyPpm : null,
    refid,
    reftime_age_seconds: referenceAgeSeconds,
  }
}

const unknownNtp: NtpHealth = {
  synced: null,
  leap: null,
  stratum: null,
  offset_ms: null,
  root_delay_ms: null,
  root_dispersion_ms: null,
  jitter_ms: null,
  frequency_ppm: null,
  refid: null,
  selected: null,
  reftime_age_seconds: null,
  peers: null,
}
