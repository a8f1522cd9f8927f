/**
 * The fleet's time: the interval that most independent votes share. Believes nobody: neither this
 * machine's clock, which only is the scale, nor any number of servers with a common source.
 */
import { intersect, overlaps, type Interval } from '@timeball/clock/select/intersection.ts'
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import { scaleSeconds } from '../table.ts'
import type { ClockServer, FleetTime } from './server.ts'

/** A server that was measured well enough to be judged. */
export interface Candidate {
  readonly server: ClockServer
  readonly measurement: NtpMeasurement
  /** `null`: it is judged, but has no vote. */
  readonly vote: string | null
}

/** What the claims of servers about themselves are never trusted below. */
const leastHalfWidthSeconds = 0.001
/** Frequency tolerance of this machine's clock between two samples of a sweep (RFC 5905, PHI). */
const driftPerSecond = 15e-6

/** Bound on the error of the measured offset, whatever the server says about itself. */
export function measurementError({ server, measurement }: Candidate): number {
  return measurement.errorSeconds + driftPerSecond * server.swept.heardSeconds
}

/** Where the true time is, if the server tells the truth (RFC 5905 section 11.2.1). */
export function correctnessInterval({ server, measurement }: Candidate): Interval {
  const drift = driftPerSecond * server.swept.heardSeconds
  const half = Math.max(measurement.rootDistanceSeconds, leastHalfWidthSeconds) + drift
  return { low: measurement.offsetSeconds - half, high: measurement.offsetSeconds + half }
}

/** One vote: the servers that share a source, and the interval that they stand for. */
export interface Vote {
  readonly name: string
  readonly members: readonly Candidate[]
  /** `null`: two members contradict each other, and neither is nearer to the source. */
  readonly interval: Interval | null
  /** Those that contradict the majority of a group with three or more members. */
  readonly dissenters: readonly Candidate[]
}

export function votesOf(candidates: readonly Candidate[]): Vote[] {
  const groups = Map.groupBy(candidates, ({ vote }) => vote)
  return [...groups].flatMap(([name, members]) => (name === null ? [] : [castVote(name, members)]))
}

function castVote(name: string, members: readonly Candidate[]): Vote {
  const shared = intersect(members.map(correctnessInterval))
  if (shared.kind === 'majority') {
    const { interval } = shared
    const dissenters = members.filter((each) => !overlaps(correctnessInterval(each), interval))
    return { name, members, interval, dissenters }
  }
  return { name, members, interval: nearestToSource(members), dissenters: [] }
}

/** The followers have their time from the one with the lowest stratum. */
function nearestToSource(members: readonly Candidate[]): Interval | null {
  const lowest = Math.min(...members.map(({ measurement }) => measurement.stratum))
  const [root, ...others] = members.filter(({ measurement }) => measurement.stratum === lowest)
  return root === undefined || others.length > 0 ? null : correctnessInterval(root)
}

/** Fewer agreeing votes than this prove nothing: one clock agrees with itself. */
const leastAgreeing = 2

/**
 * Decided when more than half of the votes, and at least two, share an interval. `measured`: how
 * many servers gave a time, with a vote or without.
 */
export function decideTime(votes: readonly Vote[], measured: number): FleetTime {
  const intervals = votes.flatMap(({ interval }) => (interval === null ? [] : [interval]))
  if (intervals.length < leastAgreeing) {
    return { kind: 'undecidable', votes: intervals.length, why: tooFew(votes, measured) }
  }
  const shared = intersect(intervals)
  if (shared.kind === 'split') {
    return { kind: 'undecidable', votes: intervals.length, why: splitText(votes) }
  }
  const { interval, agreeing } = shared
  const members = votes.flatMap((vote) => vote.members)
  const truechimers = members.filter((each) => overlaps(correctnessInterval(each), interval))
  return {
    kind: 'decided',
    ...interval,
    ...combine(truechimers),
    votes: intervals.length,
    agreeing,
  }
}

/** Weighted by the inverse of the half-width (RFC 5905 section 11.2.3). */
function combine(truechimers: readonly Candidate[]): { centre: number; centreError: number } {
  const weighed = truechimers.map((each) => {
    const { low, high } = correctnessInterval(each)
    return { each, weight: 2 / (high - low) }
  })
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0)
  const mean = (value: (each: Candidate) => number): number =>
    weighed.reduce((sum, { each, weight }) => sum + (value(each) * weight) / total, 0)
  return {
    centre: mean(({ measurement }) => measurement.offsetSeconds),
    centreError: mean(measurementError),
  }
}

function tooFew(votes: readonly Vote[], measured: number): string {
  const [only] = votes
  if (only === undefined) {
    return measured === 0 ? 'no server gave a time' : 'no server follows a reference clock'
  }
  if (votes.length > 1) return 'servers with the same source contradict each other'
  const who = only.members.length === 1 ? 'one server' : `${only.members.length} servers`
  return `only one independent vote (${who}): nothing to compare it with`
}

const namedVotes = 4

function splitText(votes: readonly Vote[]): string {
  const said = votes.flatMap(({ name, interval }) =>
    interval === null
      ? []
      : [`${name} ${scaleSeconds((interval.low + interval.high) / 2 - middleOf(votes))}`],
  )
  const more = said.length > namedVotes ? [`${said.length - namedVotes} more`] : []
  const places = [...said.slice(0, namedVotes), ...more].join(', ')
  return `${said.length} independent votes are split, and no majority says who is right: ${places}`
}

/** So that what is shown tells how far they are apart, and not how wrong this machine's clock is. */
function middleOf(votes: readonly Vote[]): number {
  const lows = votes.flatMap(({ interval }) =>
    interval === null ? [] : [(interval.low + interval.high) / 2],
  )
  return Math.min(...lows)
}
