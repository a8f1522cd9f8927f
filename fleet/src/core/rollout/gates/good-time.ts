/** Whether a server counts towards the quorum now, and why it says "not now". */
import type { TimeServerGps, TimeServerHealth } from '../../health/time-server-health.ts'
import type { ClockLook } from './look.ts'
import { relevantFault } from './time-gates.ts'

/**
 * From outside: a truechimer without a fault that forbids to rely on it. Where votes are too few
 * for a majority, as while one of two GPS servers is away, one that is in step by its own word and
 * that no unchanged server contradicts is good, too: otherwise no small fleet could ever be
 * updated. `health` is only asked for that word; `null`: the NTP packet's word is enough.
 */
export function isGoodTime(
  clock: ClockLook | null,
  health: TimeServerHealth | null,
): 'good' | 'bad' | 'unknown' {
  if (clock === null || clock.notAsked !== null) return 'unknown'
  switch (clock.verdict) {
    case 'unreachable':
    case 'unsynchronised':
    case 'falseticker':
    case 'invalid':
      return 'bad'
    case 'truechimer':
      return relevantFault(clock) === null ? 'good' : 'bad'
    case 'undecidable':
      return undecided(clock, health)
  }
}

function undecided(clock: ClockLook, health: TimeServerHealth | null): 'good' | 'bad' | 'unknown' {
  const { stratum, peers, contradicting } = clock
  if (stratum === null) return 'unknown'
  if (health?.ntp.isSynced === false || relevantFault(clock) !== null) return 'bad'
  if (contradicting === 0) return 'good'
  return contradicting === peers ? 'bad' : 'unknown'
}

/** Names of those that give good time now. */
export function goodServers(clocks: ReadonlyMap<string, ClockLook>): ReadonlySet<string> {
  const good = [...clocks].filter(([, clock]) => isGoodTime(clock, null) === 'good')
  return new Set(good.map(([name]) => name))
}

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
  clock: ClockLook | null,
  facts: VetoFacts,
): string | null {
  const holdover = clock?.faults.find(({ fault }) => fault === 'holdover')
  if (holdover !== undefined) return holdover.text
  return facts.hasGps ? (receiverVeto(health, clock) ?? lastOfSite(facts)) : null
}

function receiverVeto(health: TimeServerHealth | null, clock: ClockLook | null): string | null {
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
