/**
 * The one rule for good time. Health, the quorum, the gates of rollouts and the wait after an apply
 * are views of it, with thresholds of their own on top: none of them calls good what another calls
 * bad.
 *
 * What clients are sent decides, since it is measured. A server's own word is only believed against
 * itself: it can take `good` away, but makes nothing good, and nothing bad that was measured to be
 * right.
 */
import { isLocalReference } from '@timeball/clock/ntp/refid.ts'
import { placeText } from '../clock/faults.ts'
import type { ClockEvidence, SelfReport, TimeEvidence } from './evidence.ts'

/**
 * - `good`: clients can rely on it now
 * - `settling`: it says itself that it has no good time to give yet
 * - `bad`: it gives none, or a wrong one, or one that cannot be relied on
 * - `unknown`: nobody can tell; never taken for good
 */
export const timeStates = ['good', 'settling', 'bad', 'unknown'] as const
export type TimeState = (typeof timeStates)[number]

/** Which part of the evidence a reason is about. */
export type TimeSubject =
  /** Whether and what it answers. */
  | 'answer'
  /** Whether it follows a clock beside its own. */
  | 'reference'
  /** How far it is from a reference, by its own figures. */
  | 'distance'
  /** What the other servers make of its time. */
  | 'agreement'
  /** What it says of itself. */
  | 'self-report'

export interface TimeReason {
  readonly subject: TimeSubject
  readonly state: Exclude<TimeState, 'good'>
  /** A short printable phrase without the server's name. */
  readonly text: string
}

export interface TimeVerdict {
  readonly state: TimeState
  /** Worst first; empty exactly when the state is `good`. */
  readonly reasons: readonly TimeReason[]
}

/** What is known to be bad outweighs what is not known, and that what may still come. */
const worstFirst: readonly TimeReason['state'][] = ['bad', 'settling', 'unknown']

/** Never throws; the same evidence gives the same verdict. */
export function goodTime({ clock, said }: TimeEvidence): TimeVerdict {
  const found = [
    ...(clock === null ? [unknown('answer', 'it was not measured')] : measuredReasons(clock)),
    ...(said === null ? [] : saidReasons(said)),
  ]
  const reasons = worstFirst.flatMap((state) => found.filter((reason) => reason.state === state))
  return { state: reasons[0]?.state ?? 'good', reasons }
}

/** Names of those that give good time now, as measured from outside. */
export function goodServers(clocks: ReadonlyMap<string, ClockEvidence>): ReadonlySet<string> {
  const good = [...clocks].filter(([, clock]) => goodTime({ clock, said: null }).state === 'good')
  return new Set(good.map(([name]) => name))
}

function bad(subject: TimeSubject, text: string): TimeReason {
  return { subject, state: 'bad', text }
}

function settling(subject: TimeSubject, text: string): TimeReason {
  return { subject, state: 'settling', text }
}

function unknown(subject: TimeSubject, text: string): TimeReason {
  return { subject, state: 'unknown', text }
}

function measuredReasons(clock: ClockEvidence): TimeReason[] {
  const local = clock.faults.find(({ fault }) => fault === 'local-reference')
  if (local !== undefined) return [bad('reference', local.text)]
  switch (clock.verdict) {
    case 'unreachable':
      return [bad('answer', worstText(clock))]
    case 'unsynchronised':
      return [settling('answer', worstText(clock))]
    case 'invalid':
      return [bad(clock.failure === null ? 'distance' : 'answer', worstText(clock))]
    case 'falseticker':
      return [bad('agreement', falsetickerText(clock))]
    case 'truechimer':
      return relevantReasons(clock)
    case 'undecidable':
      return undecidedReasons(clock)
  }
}

function worstText({ faults, failure, verdict }: ClockEvidence): string {
  return faults[0]?.text ?? failure?.detail ?? verdict
}

/** Faults that forbid to rely on it. */
function relevantReasons({ faults }: ClockEvidence): TimeReason[] {
  return faults.filter(({ level }) => level === 'bad').map(({ text }) => bad('agreement', text))
}

/**
 * Where no majority tells, as while one of two GPS servers is away, a server that no unchanged one
 * contradicts is good: otherwise no small fleet could ever be updated. One that contradicts all of
 * them is the wrong one.
 */
function undecidedReasons(clock: ClockEvidence): TimeReason[] {
  if (clock.failure !== null) return [unknown('answer', worstText(clock))]
  const { contradicting, votes } = clock
  const relevant = relevantReasons(clock)
  if (relevant.length > 0 || contradicting === 0) return relevant
  if (isContradicted(clock)) return [bad('agreement', contradictionText(clock))]
  const independent = `${votes} independent ${votes === 1 ? 'vote' : 'votes'}`
  const some = `${contradicting} of ${clock.peers} other servers contradict it`
  return [unknown('agreement', `${some} (${independent})`)]
}

/**
 * Whether the others say that its time is false. Two servers that contradict each other have no
 * majority; but one that contradicts all that were not changed is the one that was.
 */
export function isContradicted({ verdict, peers, contradicting }: ClockEvidence): boolean {
  if (verdict === 'falseticker') return true
  return verdict === 'undecidable' && peers > 0 && contradicting === peers
}

function falsetickerText({ faults, ...place }: ClockEvidence): string {
  const rollover = faults.find(({ fault }) => fault === 'week-rollover')
  const off = rollover?.text ?? offText(place)
  return off === null ? 'falseticker' : `falseticker: ${off}`
}

function contradictionText({ peers, ...place }: ClockEvidence): string {
  const who = peers === 1 ? 'the only other server' : `all ${peers} others`
  const off = offText(place)
  return off === null ? `contradicts ${who}` : `contradicts ${who}: ${off}`
}

function offText({
  offsetSeconds,
  errorSeconds,
}: Pick<ClockEvidence, 'offsetSeconds' | 'errorSeconds'>): string | null {
  if (offsetSeconds === null || errorSeconds === null) return null
  return `off by ${placeText(offsetSeconds, errorSeconds)}`
}

/** A server that says of itself that it is not in step may be on its way there. */
function saidReasons(said: SelfReport): TimeReason[] {
  const text = notInStep(said) ?? notFollowing(said)
  if (text !== null) return [settling('self-report', text)]
  const unsaid = Object.entries({
    synced: said.isSynced,
    leap: said.leap,
    stratum: said.stratum,
    'selected source': said.selected?.tally ?? null,
  }).filter(([, value]) => value === null)
  if (unsaid.length === 0) return []
  return [unknown('self-report', `does not say: ${unsaid.map(([name]) => name).join(', ')}`)]
}

/** As ntpwait(8) and RFC 5905 figure 11 have it. */
function notInStep({ isSynced, leap, stratum }: SelfReport): string | null {
  if (leap === 3) return 'not synchronised: leap alarm'
  if (stratum !== null && (stratum < 1 || stratum > 15)) {
    return `not synchronised: stratum ${stratum}`
  }
  return isSynced === false ? 'says it is not synchronised' : null
}

/** `*LOCAL(0)` looks like synchronised, and is not. */
function notFollowing({ refid, selected }: SelfReport): string | null {
  const names = [refid, selected?.address ?? null]
  const own = names.find((name) => name !== null && isLocalReference(name))
  if (own !== undefined) return `says it follows only its own clock (${own})`
  const tally = selected?.tally ?? null
  return tally === null || tally === '*' || tally === 'o' ? null : 'no source is selected'
}
