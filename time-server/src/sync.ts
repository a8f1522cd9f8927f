/** Whether the daemon is in step with a real source. Pure. One sign is never enough. */
import type { PeerState } from '@timeball/clock/control/state.ts'
import type { Daemon } from './observe.ts'

/** `reasons` say why it is not in step, or why that cannot be told; empty when it is. */
export interface SyncVerdict {
  /** `null`: the daemon did not say enough to tell. */
  readonly synced: boolean | null
  readonly reasons: readonly string[]
  /** The peer that the daemon follows, real or not; `null` when there is none. */
  readonly selected: PeerState | null
  /**
   * Not in step, but it was, and not long ago: the source is lost, the clock runs on with the last
   * known frequency, and the daemon still serves it with a growing root distance.
   */
  readonly isHolding: boolean
}

interface Sign {
  /** Whether it says that the source is lost, rather than that the time is bad. */
  readonly isAboutSource: boolean
  /** `null`: not told. */
  readonly isGood: boolean | null
  readonly reason: string
}

/** RFC 5905 calls it MAXDISTANCE; 1.5 s is what ntpsec takes (ntpd/ntp_proto.c). */
const maxRootDistanceMs = 1500
/** The clock filter may hold back seven polls in a row and use the eighth. */
const maxReferencePolls = 8
const minReferenceAgeSeconds = 256
/** A Pi's crystal drifts by 1 to 2 ppm per kelvin: after an hour alone it may be milliseconds off. */
const maxHoldoverSeconds = 3600

/** Decides from the system variables and the peers of one look. */
export function judgeSync(daemon: Daemon): SyncVerdict {
  const selected = daemon.peers.find((peer) => isSelected(peer)) ?? null
  const signs = [
    leapSign(daemon),
    stratumSign(daemon),
    sourceSign(selected),
    distanceSign(daemon),
    ageSign(daemon),
  ]
  const bad = signs.filter((sign) => sign.isGood === false)
  if (bad.length > 0) {
    const isTimeGood = signs.every((sign) => sign.isAboutSource || sign.isGood === true)
    const isHolding = isTimeGood && mayHold(daemon)
    return { synced: false, reasons: bad.map((sign) => sign.reason), selected, isHolding }
  }
  const untold = signs.filter((sign) => sign.isGood === null)
  const reasons = untold.map((sign) => sign.reason)
  return { synced: untold.length === 0 ? true : null, reasons, selected, isHolding: false }
}

/** Orphan mode looks alike, but its reference is this host itself. */
function mayHold({ system }: Daemon): boolean {
  const { referenceAgeSeconds: age, rootDistanceMs, refid } = system
  if (age === null || rootDistanceMs === null || refid === null) return false
  const isOwnClock = refid === 'LOCL' || refid.startsWith('127.')
  return !isOwnClock && age > -2 && age <= maxHoldoverSeconds
}

/** `*` and `o` both say "followed": with a pulse driver there is only an `o`. */
export function isSelected(peer: PeerState): boolean {
  return peer.status.selection === 'sys.peer' || peer.status.selection === 'pps.peer'
}

/** The machine's own clock in the guise of a source. */
export function isLocalClock(peer: PeerState): boolean {
  return peer.refid === 'LOCL' || peer.address.startsWith('127.127.1.')
}

function leapSign({ system }: Daemon): Sign {
  if (system.leap === null) return untold('leap indicator')
  return sign(system.leap !== 3, 'leap alarm: the clock was never in step or no longer is')
}

function stratumSign({ system }: Daemon): Sign {
  if (system.stratum === null) return untold('stratum')
  const isGood = system.stratum >= 1 && system.stratum <= 15
  return sign(isGood, `stratum ${system.stratum} means not synchronised`)
}

function sourceSign(selected: PeerState | null): Sign {
  if (selected === null) return lost('no source is selected')
  return sign(!isLocalClock(selected), 'the selected source is its own local clock')
}

function distanceSign({ system }: Daemon): Sign {
  const distanceMs = system.rootDistanceMs
  if (distanceMs === null) return untold('root distance')
  const isGood = distanceMs < maxRootDistanceMs
  return sign(isGood, `root distance ${Math.round(distanceMs)} ms is above ${maxRootDistanceMs} ms`)
}

/** Both ends of the age are the daemon's own clock; a little less than 0 is rounding. */
function ageSign({ system }: Daemon): Sign {
  const ageSeconds = system.referenceAgeSeconds
  if (ageSeconds === null) return sign(false, 'the clock was never updated from a source')
  const polls = maxReferencePolls * 2 ** Math.min(system.pollExponent ?? 6, 17)
  const isGood = ageSeconds > -2 && ageSeconds <= Math.max(polls, minReferenceAgeSeconds)
  return isGood
    ? sign(true, '')
    : lost(`the last update from a source was ${Math.round(ageSeconds)} s ago`)
}

function sign(isGood: boolean, reason: string): Sign {
  return { isGood, reason, isAboutSource: false }
}

function lost(reason: string): Sign {
  return { isGood: false, reason, isAboutSource: true }
}

function untold(what: string): Sign {
  return { isGood: null, reason: `ntpd did not tell its ${what}`, isAboutSource: false }
}
