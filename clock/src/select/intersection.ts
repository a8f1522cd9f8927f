/**
 * The intersection algorithm (RFC 5905 section 11.2.1, after Marzullo): where the largest number of
 * the given intervals meet. As in ntpd since 4.2.6 midpoints are not counted: two honest intervals
 * of very different width would otherwise never agree. Pure.
 */

/** Seconds on any one scale; `low <= high`. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * - `majority`: more than half of the voters meet in each of `places`; `interval` is the hull of
 *   these, as the RFC has it, and `agreeing` is how many meet. With several places no one knows in
 *   which of them the truth is.
 * - `split`: no point is in the intervals of more than half of them
 */
export type Intersection =
  | {
      readonly kind: 'majority'
      readonly interval: Interval
      /** At least one, from low to high. */
      readonly places: readonly Interval[]
      readonly agreeing: number
    }
  | { readonly kind: 'split' }

/**
 * Never throws; intervals with a bound that is not finite are left out of the count and the vote.
 * `voters`: how many there are, when some have more than one interval; these must not overlap.
 */
export function intersect(intervals: readonly Interval[], voters?: number): Intersection {
  const usable = intervals.filter(isUsable)
  const { most, places } = deepest(edgesOf(usable))
  const [first] = places
  const last = places.at(-1)
  if (first === undefined || last === undefined || 2 * most <= (voters ?? usable.length)) {
    return { kind: 'split' }
  }
  return {
    kind: 'majority',
    interval: { low: first.low, high: last.high },
    places,
    agreeing: most,
  }
}

/**
 * The hull of all points that more than half of the intervals share; `null` without any. Unlike the
 * place where most of them meet, it holds the truth whenever more than half of them do.
 */
export function majorityHull(intervals: readonly Interval[]): Interval | null {
  const usable = intervals.filter(isUsable)
  const isMajority = (depth: number): boolean => 2 * depth > usable.length
  let depth = 0
  let low: number | null = null
  let high: number | null = null
  for (const { at, step } of edgesOf(usable)) {
    if (step < 0 && isMajority(depth)) high = at
    depth += step
    if (isMajority(depth)) low ??= at
  }
  return low === null || high === null ? null : { low, high }
}

function isUsable({ low, high }: Interval): boolean {
  return Number.isFinite(low) && Number.isFinite(high)
}

interface Edge {
  readonly at: number
  readonly step: number
}

/** In ascending order. Closed intervals: where one ends and another begins, they share the point. */
function edgesOf(intervals: readonly Interval[]): Edge[] {
  return intervals
    .flatMap(({ low, high }) => [
      { at: low, step: 1 },
      { at: high, step: -1 },
    ])
    .toSorted((one, other) => one.at - other.at || other.step - one.step)
}

/** The largest number of intervals over one point, and every place where it is reached. */
function deepest(edges: readonly Edge[]): { most: number; places: Interval[] } {
  let depth = 0
  let most = 0
  let places: Interval[] = []
  edges.forEach(({ at, step }, index) => {
    depth += step
    const end = edges[index + 1]
    if (step < 0 || end === undefined || depth < most) return
    if (depth > most) {
      most = depth
      places = []
    }
    places.push({ low: at, high: end.at })
  })
  return { most, places }
}

/** Whether they share a point. */
export function overlaps(one: Interval, other: Interval): boolean {
  return one.low <= other.high && other.low <= one.high
}
