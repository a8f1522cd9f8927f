/** Why a device should not be changed now. */
import type { TimeServerGps, TimeServerHealth } from '../../health/time-server-health.ts'
import type { ClockEvidence } from '../../service/evidence.ts'

/** What a veto needs to know of a device beside its own word. */
export interface VetoFacts {
  readonly hasGps: boolean
  /** Other devices with a receiver at its site, and how many of them give good time now. */
  readonly gpsNeighbours: number
  readonly goodGpsNeighbours: number
}

/**
 * Why a device should not be changed now, as a phrase; `null`: nothing speaks against it. The only
 * receiver of a site is no veto: waiting would not bring another one, and the quorum guards it.
 */
export function vetoOf(
  health: TimeServerHealth | null,
  clock: ClockEvidence | null,
  facts: VetoFacts,
): string | null {
  const holdover = clock?.faults.find(({ fault }) => fault === 'holdover')
  if (holdover !== undefined) return holdover.text
  return facts.hasGps ? (receiverVeto(health, clock) ?? lastOfSite(facts)) : null
}

function receiverVeto(health: TimeServerHealth | null, clock: ClockEvidence | null): string | null {
  const lost = health === null ? null : lostReceiver(health.gps)
  if (lost !== null) return `GPS is degraded: ${lost}`
  const stratum = clock?.stratum ?? health?.ntp.stratum ?? null
  if (stratum === null || stratum === 1) return null
  return `GPS is degraded: stratum ${stratum}, its receiver is not followed`
}

function lostReceiver({ state, reason }: TimeServerGps): string | null {
  return state === 'no-device' || state === 'silent' || state === 'no-fix'
    ? (reason ?? state)
    : null
}

function lastOfSite({ gpsNeighbours, goodGpsNeighbours }: VetoFacts): string | null {
  if (gpsNeighbours === 0 || goodGpsNeighbours > 0) return null
  return 'the last server of its site with a receiver that gives good time'
}
