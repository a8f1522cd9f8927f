/** The gates about time: receiver, pulse, in step, offset, and what the other servers say. */
import { placeText } from '../../clock/faults.ts'
import type { TimeServerNtp } from '../../health/time-server-health.ts'
import type { ClockEvidence } from '../../service/evidence.ts'
import type { TimeSubject } from '../../service/good-time.ts'
import { failing, pending, inconclusive, type Finding, type GateInput } from './finding.ts'
import { checksUntilFailed } from './memory.ts'

/** Until the server answers, nothing is known of its receiver: the `http` gate speaks of that. */
export function gpsGate({ evidence: { hasGps, http } }: GateInput): Finding {
  if (!hasGps || !http.ok) return null
  const { gps, ntp } = http.value
  switch (gps.state) {
    case 'fix':
      return null
    case 'disabled':
      return pending('the receiver is not enabled')
    case 'no-device':
    case 'silent':
    case 'no-fix':
      return pending(`GPS: ${gps.reason ?? gps.state}`)
    case 'unknown':
    case null:
      // Only a receiver makes a stratum 1 out of a device that has one.
      return ntp.stratum === 1 ? null : pending('it is not known whether the receiver has a fix')
  }
}

/** As ntpd names the pulse: by its refid, or the tally `o` of ntpq(1) where the kernel times it. */
export function ppsGate({ evidence: { hasPps, http } }: GateInput): Finding {
  if (!hasPps || !http.ok) return null
  const { selected, refid } = http.value.ntp
  if (selected?.tally === 'o' || refid?.includes('PPS') === true) return null
  return pending(`follows ${refid ?? 'nothing that is known'}, not the pulse`)
}

/** What it sends on the NTP port is what its clients get; then its own word, and thresholds. */
export function syncedGate(input: GateInput): Finding {
  return outsideSync(input) ?? (input.gates.ntp_synced ? saidSync(input) : null)
}

const outside: ReadonlySet<TimeSubject> = new Set(['answer', 'reference', 'distance'])

/** That nobody could ask is said by the `offset` gate. */
function outsideSync({ time }: GateInput): Finding {
  const reason = time.reasons.find(
    ({ subject, state }) => outside.has(subject) && state !== 'unknown',
  )
  return reason === undefined ? null : pending(reason.text)
}

function saidSync({ evidence: { hasGps, http }, time, gates }: GateInput): Finding {
  if (!http.ok) return null
  const reason = time.reasons.find(({ subject }) => subject === 'self-report')
  if (reason !== undefined) return pending(reason.text)
  const { ntp } = http.value
  if (hasGps && ntp.stratum !== 1) {
    return pending(`stratum ${ntp.stratum}: its receiver is not followed`)
  }
  return reachFinding(ntp, gates.min_reach)
}

function reachFinding({ selected }: TimeServerNtp, wanted: number): Finding {
  if (selected === null) return pending('follows no source yet')
  if (selected.reach === null) return inconclusive('does not say how often its source answered')
  const answered = selected.reach.toString(2).replaceAll('0', '').length
  if (answered >= wanted) return null
  return pending(`${answered} of the last 8 polls answered (${wanted} wanted)`)
}

/** ntpd may still be on its way there: it steps at most once every few minutes. */
export function offsetGate({ evidence: { clock }, time, gates }: GateInput): Finding {
  if (!clock.ok) return inconclusive(`not measured: ${clock.failure}`)
  const unmeasured = time.reasons.find(
    ({ subject, state }) => subject === 'answer' && state === 'unknown',
  )
  if (unmeasured !== undefined) return inconclusive(`not measured: ${unmeasured.text}`)
  const { offsetSeconds, errorSeconds } = clock.value
  if (offsetSeconds === null || errorSeconds === null) return null
  const provedMs = (Math.abs(offsetSeconds) - errorSeconds) * 1000
  if (provedMs <= gates.max_offset_ms) return null
  return pending(
    `off by ${placeText(offsetSeconds, errorSeconds)} (limit ${gates.max_offset_ms} ms)`,
  )
}

/**
 * The changed device against those that were not. One that has nobody to be compared with is not
 * contradicted, but a new release needs more than that.
 */
export function truechimerGate({ evidence: { clock }, memory, time, gates }: GateInput): Finding {
  if (gates.falseticker || !clock.ok) return null
  const reason = time.reasons.find(({ subject }) => subject === 'agreement')
  if (reason === undefined) return aloneFinding(clock.value)
  if (reason.state === 'unknown') return inconclusive(reason.text)
  return memory.lying >= checksUntilFailed
    ? failing(`${reason.text}, and calls itself in step, ${memory.lying} consecutive checks`)
    : pending(reason.text)
}

function aloneFinding({ verdict, failure, peers, votes }: ClockEvidence): Finding {
  if (verdict !== 'undecidable' || failure !== null || peers > 0) return null
  const independent = `${votes} independent ${votes === 1 ? 'vote' : 'votes'}`
  return inconclusive(`no unchanged server to compare it with (${independent})`)
}
