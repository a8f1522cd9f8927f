/** Writes the state of daemon, peers, receiver and leap second list as the API tells it. Pure. */
import type { Result } from '@timeball/lib/result.ts'
import type { GpsStatus } from '../gps/gps-status.ts'
import { whyCut } from '../findings.ts'
import type { Health } from '../health.ts'
import type { Observation } from '../observe.ts'
import { nextChange, taiOffsetAt } from '../time/leap-list.ts'
import type { LeapList } from '../time/leap-list.ts'
import type { Uncertainty } from '../time/uncertainty.ts'
import type {
  GpsStatusAnswer,
  LeapStatusAnswer,
  NtpPeersAnswer,
  NtpStatusAnswer,
} from './schemas.ts'

export function ntpStatusAnswer(
  observation: Observation,
  health: Health,
  uncertainty: Uncertainty,
): NtpStatusAnswer {
  const daemon = observation.daemon.ok ? observation.daemon.value : null
  const { selected: _, contradictions, ...ntp } = health.ntp
  const { found, isComplete, reason } = observation.others
  return {
    daemon: daemon?.kind ?? null,
    asked_through: daemon?.through ?? null,
    daemon_version: daemon?.system.version ?? null,
    ...ntp,
    contradictions: contradictions === null ? null : [...contradictions],
    state: uncertainty.state,
    reasons: [...health.reasons],
    clock_disciplined: health.clock.disciplined,
    clock_reason: health.clock.reason,
    other_disciplines: { found: [...found], is_complete: isComplete, reason },
  }
}

export function ntpPeersAnswer({ daemon }: Observation, health: Health): NtpPeersAnswer {
  if (!daemon.ok) return { reason: health.reasons[0] ?? daemon.failure.detail, peers: null }
  const peers = daemon.value.peers.map((peer) => ({
    address: peer.address,
    name: peer.name,
    refid: peer.refid,
    stratum: peer.stratum,
    tally: peer.status.tally,
    selection: peer.status.selection,
    reach: peer.reach,
    offset_ms: peer.offsetMs,
    delay_ms: peer.delayMs,
    jitter_ms: peer.jitterMs,
  }))
  return { reason: whyCut(daemon.value), peers }
}

export function gpsStatusAnswer(gps: GpsStatus): GpsStatusAnswer {
  return {
    state: gps.state,
    reason: gps.reason,
    gpsd_version: gps.gpsdRelease,
    device: gps.device,
    driver: gps.driver,
    mode: gps.mode,
    time: gps.time,
    fix_age_seconds: gps.fixAgeSeconds,
    leap_seconds: gps.leapSeconds,
    satellites_used: gps.satellitesUsed,
    satellites_seen: gps.satellitesSeen,
    mean_signal_dbhz: gps.meanSignalDbHz,
    hdop: gps.dop.horizontal,
    vdop: gps.dop.vertical,
    pdop: gps.dop.position,
    tdop: gps.dop.time,
    pps: pulseAnswer(gps.pulse),
    serial: pulseAnswer(gps.serial),
    receivers: gps.receivers.map((each) => ({ ...each })),
  }
}

function pulseAnswer(read: GpsStatus['pulse']): GpsStatusAnswer['pps'] {
  return read === null ? null : { offset_ns: read.offsetNs, age_seconds: read.ageSeconds }
}

export function leapStatusAnswer(
  list: Result<LeapList, string>,
  observation: Observation,
  nowSeconds: number,
): LeapStatusAnswer {
  const system = observation.daemon.ok ? observation.daemon.value.system : null
  const daemon = {
    leap_indicator: system?.leap ?? null,
    daemon_list_expires_utc: utcOf(system?.leapListExpiresAtSeconds ?? null),
  }
  if (!list.ok) return { state: 'unknown', reason: list.failure, ...unknownList, ...daemon }
  const { expiresAtSeconds, updatedAtSeconds } = list.value
  const isValid = nowSeconds < expiresAtSeconds
  return {
    state: isValid ? 'valid' : 'expired',
    reason: isValid ? null : 'the list has expired: a leap second may have been announced since',
    ...daemon,
    tai_offset_seconds: taiOffsetAt(list.value, nowSeconds),
    next_leap_utc: utcOf(nextChange(list.value, nowSeconds)?.atSeconds ?? null),
    list_updated_utc: utcOf(updatedAtSeconds),
    list_expires_utc: utcOf(expiresAtSeconds),
    list_expires_in_seconds: Math.floor(expiresAtSeconds - nowSeconds),
  }
}

const unknownList = {
  tai_offset_seconds: null,
  next_leap_utc: null,
  list_updated_utc: null,
  list_expires_utc: null,
  list_expires_in_seconds: null,
}

function utcOf(unixSeconds: number | null): string | null {
  if (unixSeconds === null) return null
  return Temporal.Instant.fromEpochMilliseconds(unixSeconds * 1000).toString()
}
