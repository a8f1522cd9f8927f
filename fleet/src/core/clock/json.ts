/** One server of a sweep as JSON. Names are part of the interface: they change only with notice. */
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { ClockRow } from './row.ts'
import type { FleetTime } from './server.ts'

/** Seconds; `null` is "not known". */
export function clockRecord(row: ClockRow) {
  const { server, verdict, offsetSeconds, errorSeconds, group, faults } = row.judgement
  const { sent, answered } = server.swept
  return {
    device: server.name,
    kind: server.kind,
    address: server.address,
    port: server.port,
    verdict,
    offset_seconds: offsetSeconds,
    error_seconds: errorSeconds,
    ...saidRecord(server.swept),
    sent,
    answered,
    self_reported_offset_seconds: row.claimedOffsetSeconds,
    vote: group,
    faults,
    score: row.score,
    slo: sloRecord(row),
    alerting: row.isAlerting,
  }
}

function saidRecord({ result, unsynchronised }: Swept): Said {
  if (!result.ok) return { ...nothingMeasured, ...unsynchronised }
  const { value } = result
  return {
    delay_seconds: value.delaySeconds,
    jitter_seconds: value.jitterSeconds,
    root_distance_seconds: value.rootDistanceSeconds,
    precision_seconds: value.precisionSeconds,
    stratum: value.stratum,
    refid: value.refid,
    leap: value.leap,
  }
}

interface Said {
  readonly delay_seconds: number | null
  readonly jitter_seconds: number | null
  readonly root_distance_seconds: number | null
  readonly precision_seconds: number | null
  readonly stratum: number | null
  readonly refid: string | null
  readonly leap: number | null
}

const nothingMeasured = {
  delay_seconds: null,
  jitter_seconds: null,
  root_distance_seconds: null,
  precision_seconds: null,
  stratum: null,
  refid: null,
  leap: null,
}

function sloRecord({ attainment }: ClockRow) {
  if (attainment === null) return null
  const { judged, missed, unknown, attained, budgetLeft, available } = attainment
  return { judged, missed, unknown, attained, available, budget_left: budgetLeft }
}

export function timeRecord(time: FleetTime) {
  if (time.kind === 'undecidable') {
    return { decided: false, why: time.why, votes: time.votes, offsets_against: 'controller' }
  }
  return {
    decided: true,
    votes: time.votes,
    agreeing: time.agreeing,
    low_seconds: time.low,
    high_seconds: time.high,
    controller_offset_seconds: -time.centre,
    controller_error_seconds: time.centreError,
    offsets_against: 'fleet',
  }
}
