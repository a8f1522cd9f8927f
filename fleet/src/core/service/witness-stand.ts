/** Many servers' words about one: who contradicts it, and where the others are. Pure. */
import { overlaps, type Interval } from '@timeball/clock/select/intersection.ts'

/** A server that was measured, and was not changed. Seconds. */
export interface Witness {
  readonly interval: Interval
  readonly offsetSeconds: number
  readonly errorSeconds: number
  /** Whose time it has: itself, its upstream, that one's upstream, … */
  readonly sources: readonly string[]
}

/** What the witnesses that do not have their time from a server say about it. */
export interface Testimony {
  readonly peers: number
  /** How many of them share no point with it. */
  readonly contradicting: number
  /** Medians of the peers; `null` without any. */
  readonly offsetSeconds: number | null
  readonly errorSeconds: number | null
}

/** A question costs the logarithm of the witnesses, and those that follow the server asked about. */
export type WitnessStand = (server: string, interval: Interval) => Testimony

export function witnessStand(witnesses: readonly Witness[]): WitnessStand {
  const ascending = (value: (witness: Witness) => number): number[] =>
    witnesses.map(value).toSorted((one, other) => one - other)
  const lows = ascending(({ interval }) => interval.low)
  const highs = ascending(({ interval }) => interval.high)
  const offsets = ranked(witnesses, ({ offsetSeconds }) => offsetSeconds)
  const errors = ranked(witnesses, ({ errorSeconds }) => errorSeconds)
  const followers = followersOf(witnesses)
  return (server, interval) => {
    const own = followers.get(server) ?? []
    const against = countBelow(highs, interval.low) + countAbove(lows, interval.high)
    const ownAgainst = own.filter((witness) => !overlaps(witness.interval, interval)).length
    return {
      peers: witnesses.length - own.length,
      contradicting: against - ownAgainst,
      offsetSeconds: offsets.medianWithout(own),
      errorSeconds: errors.medianWithout(own),
    }
  }
}

function followersOf(witnesses: readonly Witness[]): ReadonlyMap<string, readonly Witness[]> {
  const found = new Map<string, Witness[]>()
  for (const witness of witnesses) {
    for (const source of witness.sources) {
      const list = found.get(source)
      if (list === undefined) found.set(source, [witness])
      else list.push(witness)
    }
  }
  return found
}

/** How many of the ascending values are below. */
function countBelow(values: readonly number[], limit: number): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((values[middle] ?? 0) < limit) from = middle + 1
    else to = middle
  }
  return from
}

function countAbove(values: readonly number[], limit: number): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((values[middle] ?? 0) <= limit) from = middle + 1
    else to = middle
  }
  return values.length - from
}

interface Ranked {
  /** Of all values but those of some witnesses. */
  medianWithout(left: readonly Witness[]): number | null
}

function ranked(witnesses: readonly Witness[], value: (witness: Witness) => number): Ranked {
  const sorted = witnesses.toSorted((one, other) => value(one) - value(other))
  const ranks = new Map(sorted.map((witness, rank) => [witness, rank]))
  return {
    medianWithout(left) {
      const skipped = left.map((witness) => ranks.get(witness) ?? 0).toSorted((a, b) => a - b)
      const count = sorted.length - skipped.length
      const at = (place: number): number | null => {
        const rank = skipped.reduce((found, skip) => (skip <= found ? found + 1 : found), place)
        const witness = sorted[rank]
        return witness === undefined ? null : value(witness)
      }
      const [low, high] = [at((count - 1) >> 1), at(count >> 1)]
      return count <= 0 || low === null || high === null ? null : low + (high - low) / 2
    },
  }
}
