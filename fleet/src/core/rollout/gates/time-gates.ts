/** The gates about time: receiver, pulse, in step, offset, and what the other servers say. */
import { placeText } from '../../clock/faults.ts'
import type { ClockFaultName } from '../../clock/server.ts'
import type { TimeServerNtp } from '../../health/time-server-health.ts'
import { failing, pending, inconclusive, type Finding, type GateInput } from './finding.ts'
import type { ClockLook } from './look.ts'
import { isContradicted, looksUntilFailed } from './memory.ts'

/** Until the server answers, nothing is known of its receiver: the `http` gate speaks of that. */
export function gpsGate({ look: { hasGps, http } }: GateInput): Finding {
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
export function ppsGate({ look: { hasPps, http } }: GateInput): Finding {
  if (!hasPps || !http.ok) return null
  const { selected, refid } = http.value.ntp
  if (selected?.tally === 'o' || refid?.includes('PPS') === true) return null
  return pending(`follows ${refid ?? 'nothing that is known'}, not the pulse`)
}

export function syncedGate(input: GateInput): Finding {
  return outsideSync(input) ?? (input.gates.ntp_synced ? saidSync(input) : null)
}

/** What it sends on the NTP port is what its clients get, whatever it says elsewhere. */
function outsideSync({ look: { clock } }: GateInput): Finding {
  if (!clock.ok) return null
  const [fault] = clock.value.faults
  switch (clock.value.verdict) {
    case 'unreachable':
      return pending(`serves no time: ${fault?.text ?? 'no answer'}`)
    case 'unsynchronised':
    case 'invalid':
      return pending(fault?.text ?? 'sends what cannot be used as time')
    case 'truechimer':
    case 'falseticker':
    case 'undecidable':
      return null
  }
}

function saidSync({ look: { hasGps, http }, gates }: GateInput): Finding {
  if (!http.ok) return null
  const { ntp } = http.value
  if (ntp.leap === 3) return pending('not in step: leap alarm')
  if (ntp.stratum !== null && (ntp.stratum < 1 || ntp.stratum > 15)) {
    return pending(`not in step: stratum ${ntp.stratum}`)
  }
  if (ntp.isSynced === false) return pending('says that it is not in step')
  if (ntp.isSynced === null || ntp.leap === null || ntp.stratum === null) {
    return pending('does not say whether it is in step')
  }
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
export function offsetGate({ look, gates }: GateInput): Finding {
  if (!look.clock.ok) return inconclusive(`not measured: ${look.clock.failure}`)
  const { offsetSeconds, errorSeconds, notAsked } = look.clock.value
  if (notAsked !== null) return inconclusive(`not measured: ${notAsked}`)
  if (offsetSeconds === null || errorSeconds === null) return null
  const provedMs = (Math.abs(offsetSeconds) - errorSeconds) * 1000
  if (provedMs <= gates.max_offset_ms) return null
  return pending(
    `off by ${placeText(offsetSeconds, errorSeconds)} (limit ${gates.max_offset_ms} ms)`,
  )
}

/**
 * The changed device against those that were not. Without a majority it is enough that it
 * contradicts none of them; contradicting all is as good as a majority's word, and to be alone is
 * not to be known.
 */
export function truechimerGate({ look, memory, gates }: GateInput): Finding {
  if (gates.falseticker || !look.clock.ok) return null
  const clock = look.clock.value
  if (isContradicted(look)) {
    const text = contradictionText(clock)
    return memory.lying >= looksUntilFailed
      ? failing(`${text}, and calls itself in step, ${memory.lying} looks in a row`)
      : pending(text)
  }
  if (clock.verdict === 'undecidable') return undecidedFinding(clock)
  const bad = clock.verdict === 'truechimer' ? relevantFault(clock) : null
  return bad === null ? null : pending(bad)
}

function contradictionText({ verdict, offsetSeconds, errorSeconds, peers }: ClockLook): string {
  const who = verdict === 'falseticker' ? 'most servers' : `all ${peers} unchanged servers`
  if (offsetSeconds === null || errorSeconds === null) return `contradicts ${who}`
  return `contradicts ${who}: off by ${placeText(offsetSeconds, errorSeconds)}`
}

function undecidedFinding({ votes, peers, contradicting, notAsked }: ClockLook): Finding {
  if (notAsked !== null) return null
  const independent = `${votes} independent ${votes === 1 ? 'vote' : 'votes'}`
  if (peers === 0) return inconclusive(`no unchanged server to compare it with (${independent})`)
  if (contradicting === 0) return null
  return inconclusive(
    `${contradicting} of ${peers} unchanged servers contradict it (${independent})`,
  )
}

/**
 * What forbids to rely on it; `null`: nothing. That it asks us to come less often says nothing about
 * its time, and while the fleet's time is undecided, being off is against this machine's clock.
 */
export function relevantFault({ faults, verdict }: ClockLook): string | null {
  const isOurs = (name: ClockFaultName): boolean =>
    name === 'kiss' || (name === 'claims-sync' && verdict === 'undecidable')
  return faults.find(({ fault, level }) => level === 'bad' && !isOurs(fault))?.text ?? null
}
