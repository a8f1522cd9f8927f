/** The independent votes of a sweep: the servers that have their time from one clock are one. */
import { majorityHull, overlaps, type Interval } from '@timeball/clock/select/intersection.ts'
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { ClockServer } from './server.ts'

/** A server that was measured well enough to be judged. */
export interface Candidate {
  readonly server: ClockServer
  readonly measurement: NtpMeasurement
  /** `null`: it is judged, but has no vote. */
  readonly vote: string | null
  /** Whether it has its time from no other server of the sweep. */
  readonly isRoot: boolean
}

/** What the claims of servers about themselves are never trusted below. */
const leastHalfWidthSeconds = 0.001
/** Frequency tolerance of this machine's clock between two samples of a sweep (RFC 5905, PHI). */
const driftPerSecond = 15e-6

/** A server with its measurement, whatever its vote. */
export type Measured = Pick<Candidate, 'server' | 'measurement'>

function driftOf({ swept }: ClockServer): number {
  return driftPerSecond * Math.abs(swept.heardSeconds)
}

/** Bound on the error of the measured offset, whatever the server says about itself. */
export function measurementError({ server, measurement }: Measured): number {
  return measurement.errorSeconds + driftOf(server)
}

/** Where the true time is, if the server tells the truth (RFC 5905 section 11.2.1). */
export function correctnessInterval({ server, measurement }: Measured): Interval {
  const claimed = Math.max(measurement.rootDistanceSeconds, leastHalfWidthSeconds)
  const half = claimed + driftOf(server)
  return { low: measurement.offsetSeconds - half, high: measurement.offsetSeconds + half }
}

export interface Vote {
  readonly name: string
  readonly members: readonly Candidate[]
  /** The one member that all others have their time from; `null`: none, or more than one. */
  readonly source: Candidate | null
  /** `null`: its members contradict each other, and none of them is the source. */
  readonly interval: Interval | null
  /** Where most of its members are, when these contradict their source; else `null`. */
  readonly alternative: Interval | null
  /** Those that contradict most of a vote with three or more members. */
  readonly dissenters: readonly Candidate[]
}

export function votesOf(candidates: readonly Candidate[]): Vote[] {
  const groups = Map.groupBy(candidates, ({ vote }) => vote)
  return [...groups].flatMap(([name, members]) => (name === null ? [] : [castVote(name, members)]))
}

const leastMajority = 3

/** Followers know no more than their source, so where that was measured its word is the vote. */
function castVote(name: string, members: readonly Candidate[]): Vote {
  const roots = members.filter(({ isRoot }) => isRoot)
  const source = roots.length === 1 ? (roots[0] ?? null) : null
  const hull = majorityHull(members.map(correctnessInterval))
  const majority = members.length < leastMajority ? null : hull
  const contradicting =
    majority === null
      ? []
      : members.filter((each) => !overlaps(correctnessInterval(each), majority))
  const isDisowned = source !== null && contradicting.includes(source)
  return {
    name,
    members,
    source,
    interval: source === null ? hull : correctnessInterval(source),
    alternative: isDisowned ? majority : null,
    dissenters: contradicting.filter((each) => each !== source),
  }
}
