/**
 * What `GET /health` says. Pure. `healthy` and `degraded` serve time and answer 200; `unhealthy` does
 * not serve good time, or cannot tell, and answers 503. Nothing here is a guess: unknown is `null`.
 */
import type { ControlFailure } from '@timeball/clock/control/exchange.ts'
import type { PeerState, SystemState } from '@timeball/clock/control/state.ts'
import type { ContradictionKind } from './contradictions.ts'
import type { Discipline } from './capability.ts'
import type { GpsState } from './gps/gps-status.ts'
import type { Daemon, Observation } from './observe.ts'
import { findingsIn } from './findings.ts'
import type { HealthContext } from './findings.ts'
import { judgeSync } from './sync.ts'
import type { SyncState, SyncVerdict } from './sync.ts'

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
  /** Figures that the daemon tells twice, and differently; `reasons` has both of each. */
  readonly contradictions: readonly ContradictionKind[] | null
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

/** Decides from one check. */
export function decideHealth(observation: Observation, context: HealthContext): Health {
  const { daemon, discipline, gps, diskUsedPercent } = observation
  const verdict = daemon.ok ? judgeSync(daemon.value) : noVerdict(daemon.failure, context)
  const offsetMs = daemon.ok ? offsetOf(daemon.value, verdict, discipline) : null
  const { faults, warnings } = findingsIn({ observation, context, verdict, offsetMs })
  return {
    status: faults.length > 0 ? 'unhealthy' : warnings.length > 0 ? 'degraded' : 'healthy',
    reasons: [...new Set([...faults, ...warnings])],
    version: context.version,
    device: context.device,
    uptime_seconds: Math.floor(observation.uptimeSeconds),
    ntp: daemon.ok ? ntpHealth(daemon.value, verdict, offsetMs) : unknownNtp,
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
  return { state: 'unknown', reasons, selected: null, contradictions: [] }
}

/**
 * The daemon's own figure, or that of the source it follows where its own is old: an ntpd that may not
 * steer never renews it, and one whose source has jumped keeps it for minutes (ntpsec 1.2.2).
 */
function offsetOf(
  { kind, system }: Daemon,
  { selected, contradictions }: SyncVerdict,
  discipline: Discipline,
): number | null {
  const isKept = kind === 'ntpd' && discipline.disciplined === false
  const isOld = isKept || contradictions.some((each) => each.kind === 'offset')
  return isOld ? (selected?.offsetMs ?? system.offsetMs) : system.offsetMs
}

const syncedIn = {
  synced: true,
  holdover: false,
  unsynced: false,
  doubtful: null,
  unknown: null,
} as const satisfies Record<SyncState, boolean | null>

function ntpHealth(daemon: Daemon, verdict: SyncVerdict, offsetMs: number | null): NtpHealth {
  return {
    synced: syncedIn[verdict.state],
    ...systemHealth({ ...daemon.system, offsetMs }),
    selected: selectedHealth(verdict.selected),
    peers: daemon.peers.length + daemon.unreadPeers,
    contradictions: verdict.contradictions.map(({ kind }) => kind),
  }
}

function selectedHealth(peer: PeerState | null): SelectedHealth | null {
  if (peer === null) return null
  return { address: peer.address, tally: peer.status.tally, reach: peer.reach }
}

function systemHealth(
  system: SystemState,
): Omit<NtpHealth, 'synced' | 'selected' | 'peers' | 'contradictions'> {
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
  contradictions: null,
}
