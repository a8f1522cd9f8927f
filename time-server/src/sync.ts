/** Whether the daemon is in step with a real source. Pure. One sign is never enough. */
import type { PeerState } from '@timeball/clock/control/state.ts'
import { isLocalReference } from '@timeball/clock/ntp/refid.ts'
import { contradictionsIn } from './contradictions.ts'
import type { Contradiction, ContradictionKind } from './contradictions.ts'
import type { Daemon } from './observe.ts'
import { freeRunningStratum, selectedOf, whyFreeRunning } from './selected.ts'

/**
 * `holdover`: not in step, but it was, and not long ago: the source is lost, the clock runs on with
 * the last known frequency, and the daemon still serves it with a growing root distance. `doubtful`:
 * it looks in step, but denies it in another figure. `unknown`: it did not say enough to tell.
 */
export type SyncState = 'synced' | 'holdover' | 'doubtful' | 'unsynced' | 'unknown'

export interface SyncVerdict {
  readonly state: SyncState
  /** Why it is not in step, or why that cannot be told; empty when it is. */
  readonly reasons: readonly string[]
  /** The peer that the daemon follows, real or not; `null` when there is none. */
  readonly selected: PeerState | null
  /** What the daemon says twice, and differently. */
  readonly contradictions: readonly Contradiction[]
}

interface Sign {
  /** Whether it says that the source is lost, rather than that the time is bad. */
  readonly isAboutSource: boolean
  /** `null`: not told. */
  readonly isGood: boolean | null
  readonly text: string
}

/** RFC 5905 calls it MAXDISTANCE; 1.5 s is what ntpsec takes (ntpd/ntp_proto.c). */
const maxRootDistanceMs = 1500
/** The clock filter may hold back seven polls in a row and use the eighth. */
const maxReferencePolls = 8
const minReferenceAgeSeconds = 256
/** A Pi's crystal drifts by 1 to 2 ppm per kelvin: after an hour alone it may be milliseconds off. */
const maxHoldoverSeconds = 3600

/** Decides from the system variables and the peers of one check. */
export function judgeSync(daemon: Daemon): SyncVerdict {
  const selected = selectedOf(daemon)
  const contradictions = contradictionsIn(daemon, selected)
  const signs = [
    leapSign(daemon),
    stratumSign(daemon),
    ...sourceSigns(selected),
    distanceSign(daemon),
    ageSign(daemon),
  ]
  const verdict = (state: SyncState, why: readonly { readonly text: string }[]): SyncVerdict => ({
    state,
    reasons: why.map(({ text }) => text),
    selected,
    contradictions,
  })
  const bad = signs.filter((sign) => sign.isGood === false)
  if (bad.length > 0) {
    const isTimeGood = signs.every((sign) => sign.isAboutSource || sign.isGood === true)
    return verdict(isTimeGood && mayHold(daemon) ? 'holdover' : 'unsynced', bad)
  }
  const untold = signs.filter((sign) => sign.isGood === null)
  if (untold.length > 0) return verdict('unknown', untold)
  const denied = contradictions.filter(({ kind }) => denying.has(kind))
  return verdict(denied.length > 0 ? 'doubtful' : 'synced', denied)
}

/** The contradictions about how good the time is; the others are about whose it is. */
const denying: ReadonlySet<ContradictionKind> = new Set(['offset', 'error'])

/** Orphan mode looks alike, but its reference is this host itself; so does what followed a free clock. */
function mayHold({ system }: Daemon): boolean {
  const { referenceAgeSeconds: age, rootDistanceMs, refid, stratum } = system
  if (age === null || rootDistanceMs === null || refid === null || stratum === null) return false
  if (isLocalReference(refid) || stratum > freeRunningStratum) return false
  return age > -2 && age <= maxHoldoverSeconds
}

/** It is told twice: an alarm in either is one. */
function leapSign({ system: { leap, status } }: Daemon): Sign {
  if (leap === null) return untold('leap indicator')
  return sign(
    leap !== 3 && status.leap !== 3,
    'leap alarm: the clock was never in step or no longer is',
  )
}

function stratumSign({ system }: Daemon): Sign {
  if (system.stratum === null) return untold('stratum')
  const isGood = system.stratum >= 1 && system.stratum <= 15
  return sign(isGood, `stratum ${system.stratum} means not synchronised`)
}

function sourceSigns(selected: PeerState | null): Sign[] {
  if (selected === null) return [lost('no source is selected')]
  const why = whyFreeRunning(selected)
  if (why !== null) return [sign(false, why)]
  // chronyd stays with a source that no longer answers, for as long as its distance is small.
  const { address, reach } = selected
  return reach === 0 ? [lost(`${address} answered none of the last eight polls`)] : []
}

function distanceSign({ system }: Daemon): Sign {
  const distanceMs = system.rootDistanceMs
  if (distanceMs === null) return untold('root distance')
  const isGood = distanceMs < maxRootDistanceMs
  const found = `root distance ${Math.round(distanceMs)} ms`
  return sign(isGood, `${found}: clients reject ${maxRootDistanceMs} ms and more`)
}

/** Both ends of the age are the daemon's own clock; a little less than 0 is rounding. */
function ageSign({ system }: Daemon): Sign {
  const ageSeconds = system.referenceAgeSeconds
  if (ageSeconds === null) return sign(false, 'the clock was never updated from a source')
  const rounded = Math.round(ageSeconds)
  if (ageSeconds <= -2) return sign(false, `the last update is ${-rounded} s ahead of the clock`)
  const polls = maxReferencePolls * 2 ** Math.min(system.pollExponent ?? 6, 17)
  return ageSeconds <= Math.max(polls, minReferenceAgeSeconds)
    ? sign(true, '')
    : lost(`the last update from a source was ${rounded} s ago`)
}

function sign(isGood: boolean, text: string): Sign {
  return { isGood, text, isAboutSource: false }
}

function lost(text: string): Sign {
  return { isGood: false, text, isAboutSource: true }
}

function untold(what: string): Sign {
  return { isGood: null, text: `ntpd did not tell its ${what}`, isAboutSource: false }
}
