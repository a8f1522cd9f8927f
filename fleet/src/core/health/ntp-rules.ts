/** The thresholds of health about time, beside the rule for good time: they only ever degrade. */
import { scaleSeconds } from '../table.ts'
import { degraded, unknown, type Finding } from './finding.ts'
import type { HealthInput, JudgedInput } from './verdict.ts'

/**
 * A measurement accuses only when the offset is beyond the limit for every value within its error
 * bound. The server's own figure is to its own reference; it counts when nothing was measured.
 */
export function ntpOffsetRule({ ntp, http, clock, time, thresholds }: JudgedInput): Finding {
  const limit = `limit ${thresholds.maxOffsetMs} ms`
  // The `clock` rule speaks about it, by better witnesses than this machine's clock.
  if (time.reasons.some(({ subject }) => subject === 'agreement')) return null
  if (ntp.ok) {
    const offsetMs = Math.abs(ntp.value.offsetSeconds) * 1000
    const errorMs = ntp.value.errorSeconds * 1000
    if (offsetMs <= thresholds.maxOffsetMs) return saidOffsetFinding(http, thresholds.maxOffsetMs)
    const off = `${scaleSeconds(ntp.value.offsetSeconds)} ± ${scaleSeconds(ntp.value.errorSeconds)}`
    if (clock.verdict === 'truechimer') {
      return degraded(`agrees with the fleet, but not with this machine's clock: ${off} (${limit})`)
    }
    return offsetMs - errorMs > thresholds.maxOffsetMs
      ? degraded(`clock is off by ${off} (${limit})`)
      : unknown(`clock may be off by ${off}: too coarse to judge (${limit})`)
  }
  return saidOffsetFinding(http, thresholds.maxOffsetMs)
}

function saidOffsetFinding(http: HealthInput['http'], maxOffsetMs: number): Finding {
  const offsetMs = http.ok ? http.value.ntp.offsetMs : null
  if (offsetMs === null || Math.abs(offsetMs) <= maxOffsetMs) return null
  return degraded(`says it is off by ${scaleSeconds(offsetMs / 1000)} (limit ${maxOffsetMs} ms)`)
}

/** 0 and 16 upwards mean "not synchronised" (RFC 5905 figure 11). */
function isServingStratum(stratum: number): boolean {
  return stratum >= 1 && stratum <= 15
}

export function ntpReachRule({ http, thresholds }: HealthInput): Finding {
  const selected = http.ok ? http.value.ntp.selected : null
  // Without a selected source there is nothing to reach: the `ntp-sync` check speaks about that.
  if (selected === null) return null
  if (selected.reach === null) return unknown('does not say whether its source answers')
  if (selected.reach === 0) return degraded('its source has not answered for eight polls')
  const lost = lostPolls(selected.reach)
  if (lost <= thresholds.maxLostPolls) return null
  return degraded(`its source missed ${lost} of the last 8 polls`)
}

/**
 * Lost polls in a reach register. Bits above the oldest answer are not counted: a source that was
 * started three polls ago and answered them all has lost none.
 */
export function lostPolls(reach: number): number {
  return (reach & 255).toString(2).replaceAll('1', '').length
}

/** Stratum is a result, so one that does not fit the role tells of a lost or a missing reference. */
export function stratumRule({ role, ntp, http, thresholds }: HealthInput): Finding {
  const stratum = ntp.ok ? ntp.value.stratum : http.ok ? http.value.ntp.stratum : null
  if (stratum === null || !isServingStratum(stratum)) return null
  if (role === 'stratum1') {
    return stratum === 1 ? null : degraded(`stratum ${stratum}: its reference clock is lost`)
  }
  if (stratum === 1) return degraded('stratum 1 without a reference clock of its own')
  if (stratum <= thresholds.maxRelayStratum) return null
  return degraded(`stratum ${stratum} (limit ${thresholds.maxRelayStratum})`)
}

/** Without CAP_SYS_TIME ntpd selects sources and looks synchronised, but steers nothing. */
export function disciplineRule({ http, thresholds }: HealthInput): Finding {
  if (!http.ok || !thresholds.isDisciplineWanted) return null
  const { isDisciplined, reason } = http.value.clock
  if (isDisciplined === true) return null
  const because = reason === null || reason === '' ? '' : ` (${reason})`
  return isDisciplined === null
    ? unknown(`does not say whether its clock is steered${because}`)
    : degraded(`nothing steers its clock${because}`)
}
