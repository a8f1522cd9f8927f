/** The axis of offsets. Pure. */
import type { Clock } from '../api.ts'

export interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * All offsets, and the errors of servers that are not far off: one that is an hour off would leave
 * nothing to see of the others, and is drawn at the edge. `null`: nothing was measured.
 */
export function boundsOf(
  clocks: readonly Pick<Clock, 'offset_seconds' | 'error_seconds'>[],
): Bounds | null {
  const ends = clocks.flatMap(({ offset_seconds: offset, error_seconds: error }) =>
    offset === null ? [] : [{ offset, reach: error ?? 0 }],
  )
  if (ends.length === 0) return null
  const middle = medianOf(ends.map(({ offset }) => offset))
  const reach = medianOf(ends.map((end) => end.reach))
  const far = Math.max(reach * 12, 1e-6)
  const near = ends.filter(({ offset }) => Math.abs(offset - middle) <= far)
  const low = Math.min(...near.map((end) => end.offset - Math.min(end.reach, far)))
  const high = Math.max(...near.map((end) => end.offset + Math.min(end.reach, far)))
  const margin = (high - low) * 0.05 || 1e-6
  return { low: low - margin, high: high + margin }
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** Three to eight round values within the bounds. */
export function axisOf({ low, high }: Bounds): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(high - low))
  const step =
    [0.2, 0.5, 1].map((part) => part * power).find((each) => (high - low) / each <= 8) ?? power * 2
  const first = Math.ceil(low / step)
  const last = Math.floor(high / step)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}
