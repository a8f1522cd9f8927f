/**
 * The rules about time. A server's word is only believed against itself: it can make a device
 * `down`, but `ok` also needs an answer to an NTP request from outside.
 */
import type { NtpFailureCode } from '@timeball/clock/ntp/measurement.ts'
import { isLocalReference } from '@timeball/clock/ntp/packet.ts'
import { scaleSeconds } from '../table.ts'
import type { TimeServerNtp } from './time-server-health.ts'
import type { HealthInput, HealthLevel } from './verdict.ts'

/** What a rule says; `null` is "nothing wrong, or another rule speaks about it". */
export type Finding = { readonly level: Exclude<HealthLevel, 'ok'>; readonly text: string } | null

export function down(text: string): Finding {
  return { level: 'down', text }
}

export function degraded(text: string): Finding {
  return { level: 'degraded', text }
}

export function unknown(text: string): Finding {
  return { level: 'unknown', text }
}

/** What it means for the device when it could not be measured. */
const answerLevels = {
  'no-answer': 'down',
  refused: 'down',
  unreachable: 'down',
  unsynchronised: 'down',
  bogus: 'degraded',
  // Whether other clients are served is not known when we are sent away.
  kiss: 'unknown',
  local: 'unknown',
  'clock-stepped': 'unknown',
  'bad-address': 'unknown',
  aborted: 'unknown',
} as const satisfies Record<NtpFailureCode, Exclude<HealthLevel, 'ok'>>

/** Clients get time from UDP, so nothing that is said over HTTP makes up for silence there. */
export function ntpAnswerRule({ ntp }: HealthInput): Finding {
  if (ntp.ok) return null
  return { level: answerLevels[ntp.failure.code], text: ntp.failure.detail }
}

/** `*LOCAL(0)` looks like synchronised, but such a server follows only itself. */
export function ntpReferenceRule({ ntp, http }: HealthInput): Finding {
  const said = http.ok ? [http.value.ntp.refid, http.value.ntp.selected?.address ?? null] : []
  const local = [ntp.ok ? ntp.value.refid : null, ...said].find(
    (refid) => refid !== null && isLocalReference(refid),
  )
  return local === undefined ? null : down(`follows only its own clock (${local})`)
}

/** Clients reject a server beyond this (ntpd's MAXDIST, RFC 5905 section 11.2.1 and figure 27). */
const rejectedDistanceSeconds = 1.5

export function ntpDistanceRule({ ntp, thresholds }: HealthInput): Finding {
  if (!ntp.ok) return null
  const seconds = ntp.value.rootDistanceSeconds
  const text = `root distance ${scaleSeconds(seconds)}`
  if (seconds >= rejectedDistanceSeconds) return down(`${text}: clients reject it`)
  return seconds * 1000 > thresholds.maxRootDistanceMs ? degraded(text) : null
}

/**
 * A measurement accuses only when the offset is beyond the limit for every value within its error
 * bound. The server's own figure is to its own reference; it counts when nothing was measured.
 */
export function ntpOffsetRule({ ntp, http, clock, thresholds }: HealthInput): Finding {
  const limit = `limit ${thresholds.maxOffsetMs} ms`
  // The `clock` rule speaks about it, by a better witness than this machine's clock.
  if (clock?.verdict === 'falseticker') return null
  if (ntp.ok) {
    const offsetMs = Math.abs(ntp.value.offsetSeconds) * 1000
    const errorMs = ntp.value.errorSeconds * 1000
    if (offsetMs <= thresholds.maxOffsetMs) return saidOffsetFinding(http, thresholds.maxOffsetMs)
    const off = `${scaleSeconds(ntp.value.offsetSeconds)} ± ${scaleSeconds(ntp.value.errorSeconds)}`
    if (clock?.verdict === 'truechimer') {
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

/** A silent or unreadable server is spoken of by the `http` rule. */
export function ntpSyncRule({ http }: HealthInput): Finding {
  return http.ok ? syncFinding(http.value.ntp) : null
}

function syncFinding(ntp: TimeServerNtp): Finding {
  if (ntp.leap === 3) return down('not synchronised: leap alarm')
  if (ntp.stratum !== null && !isServingStratum(ntp.stratum)) {
    return down(`not synchronised: stratum ${ntp.stratum}`)
  }
  if (ntp.isSynced === false) return down('says it is not synchronised')
  const tally = ntp.selected?.tally ?? null
  if (tally !== null && tally !== '*' && tally !== 'o') return down('no source is selected')

  return unsaidFinding({
    synced: ntp.isSynced,
    leap: ntp.leap,
    stratum: ntp.stratum,
    'selected source': tally,
  })
}

function unsaidFinding(said: Readonly<Record<string, unknown>>): Finding {
  const unsaid = Object.entries(said).filter(([, value]) => value === null)
  if (unsaid.length === 0) return null
  return unknown(`does not say: ${unsaid.map(([name]) => name).join(', ')}`)
}

/** 0 and 16 upwards mean "not synchronised" (RFC 5905 figure 11). */
function isServingStratum(stratum: number): boolean {
  return stratum >= 1 && stratum <= 15
}

export function ntpReachRule({ http, thresholds }: HealthInput): Finding {
  const selected = http.ok ? http.value.ntp.selected : null
  // Without a selected source there is nothing to reach: the `ntp-sync` rule speaks about that.
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
