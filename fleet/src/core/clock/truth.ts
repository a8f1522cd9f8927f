/**
 * The fleet's time: the interval that most independent votes share. Believes nobody: neither this
 * machine's clock, which only is the scale, nor any number of servers with a common source.
 */
import { intersect, overlaps, type Interval } from '@timeball/clock/select/intersection.ts'
import { scaleSeconds } from '../table.ts'
import type { FleetTime } from './server.ts'
import { correctnessInterval, type Candidate, type Vote } from './votes.ts'

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
  const shared = meet(votes, intervals)
  if (shared.kind === 'split') {
    return { kind: 'undecidable', votes: intervals.length, why: splitText(votes) }
  }
  const { interval, places, agreeing } = shared
  return {
    kind: 'decided',
    ...interval,
    places,
    ...estimate(votes, interval),
    votes: intervals.length,
    agreeing,
  }
}

/** Only when the sources alone decide nothing, followers that contradict theirs are listened to. */
function meet(
  votes: readonly Vote[],
  intervals: readonly Interval[],
): ReturnType<typeof intersect> {
  const shared = intersect(intervals)
  const others = votes.flatMap(({ alternative }) => (alternative === null ? [] : [alternative]))
  if (shared.kind === 'majority' || others.length === 0) return shared
  return intersect([...intervals, ...others], intervals.length)
}

/**
 * One opinion for each vote that agrees, weighted by the inverse square of its half-width, and
 * never outside of what was proved. The true time is in the interval, so that its farther end bounds
 * the error.
 */
function estimate(
  votes: readonly Vote[],
  proved: Interval,
): Pick<Extract<FleetTime, { kind: 'decided' }>, 'centre' | 'centreError'> {
  const opinions = votes.flatMap((vote) => opinionOf(vote, proved) ?? [])
  const total = opinions.reduce((sum, { weight }) => sum + weight, 0)
  const mean = opinions.reduce((sum, { offset, weight }) => sum + (offset * weight) / total, 0)
  const centre = Math.min(Math.max(mean, proved.low), proved.high)
  return { centre, centreError: Math.max(proved.high - centre, centre - proved.low) }
}

interface Opinion {
  readonly offset: number
  readonly weight: number
}

/** Of its source, or else of its most precise member, among those that agree. */
function opinionOf({ source, members }: Vote, proved: Interval): Opinion | null {
  const agreeing = members.filter((each) => overlaps(correctnessInterval(each), proved))
  const [best] = agreeing.toSorted((one, other) => widthOf(one) - widthOf(other))
  const speaker = source !== null && agreeing.includes(source) ? source : best
  if (speaker === undefined) return null
  return { offset: speaker.measurement.offsetSeconds, weight: widthOf(speaker) ** -2 }
}

function widthOf(candidate: Candidate): number {
  const { low, high } = correctnessInterval(candidate)
  return high - low
}

function tooFew(votes: readonly Vote[], measured: number): string {
  const [only] = votes
  if (only === undefined) {
    return measured === 0 ? 'no server gave a time' : 'no server follows a known reference clock'
  }
  if (votes.length > 1) return 'servers with the same source contradict each other'
  const who = only.members.length === 1 ? 'one server' : `${only.members.length} servers`
  return `only one independent vote (${who}): nothing to compare it with`
}

const namedVotes = 4

function splitText(votes: readonly Vote[]): string {
  const placed = votes.flatMap(({ name, interval }) =>
    interval === null ? [] : [{ name, middle: (interval.low + interval.high) / 2 }],
  )
  // So that what is shown tells how far they are apart, and not how wrong this machine's clock is.
  const lowest = placed.reduce((low, { middle }) => Math.min(low, middle), Infinity)
  const said = placed
    .slice(0, namedVotes)
    .map(({ name, middle }) => `${name} ${scaleSeconds(middle - lowest)}`)
  const more = placed.length > namedVotes ? [`${placed.length - namedVotes} more`] : []
  const places = [...said, ...more].join(', ')
  return `${placed.length} independent votes are split, and no majority says who is right: ${places}`
}
