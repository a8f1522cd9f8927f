/**
 * The intersection algorithm (RFC 5905 section 11.2.1, after Marzullo): the smallest interval that
 * holds points of the largest number of the given intervals. As in ntpd since 4.2.6 midpoints are
 * not counted: two honest intervals of very different width would otherwise never agree. Pure.
 */

/** Seconds on any one scale; `low <= high`. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * - `majority`: more than half of the intervals share `interval`; `agreeing` is how many
 * - `split`: no point is in more than half of them, or two places apart are, equally often
 */
export type Intersection =
  | { readonly kind: 'majority'; readonly interval: Interval; readonly agreeing: number }
  | { readonly kind: 'split' }

/** Never throws; intervals with a bound that is not finite are left out of the count and the vote. */
export function intersect(intervals: readonly Interval[]): Intersection {
  const usable = intervals.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high))
  const edges = usable
    .flatMap(({ low, high }) => [
      { at: low, step: 1 },
      { at: high, step: -1 },
    ])
    // Closed intervals: where one ends and another begins at the same point, they share it.
    .toSorted((one, other) => one.at - other.at || other.step - one.step)
  const { most, places } = deepest(edges)
  const [place, ...others] = places
  if (place === undefined || others.length > 0 || 2 * most <= usable.length) {
    return { kind: 'split' }
  }
  return { kind: 'majority', interval: place, agreeing: most }
}

interface Edge {
  readonly at: number
  readonly step: number
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
