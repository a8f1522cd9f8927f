/** Histories of several servers on one time axis. Pure. */
import type { ClockPoint } from '../api.ts'

const hour = 3_600_000
export const ranges = [
  { name: '1h', ms: hour },
  { name: '1d', ms: 24 * hour },
  { name: '1w', ms: 7 * 24 * hour },
  { name: '1m', ms: 31 * 24 * hour },
  { name: '1y', ms: 366 * 24 * hour },
  { name: '2y', ms: 731 * 24 * hour },
] as const

/** Seconds; `null`: not measured then. */
type Column = readonly (number | null)[]

export interface Line {
  readonly name: string
  readonly offset: Column
  readonly low: Column
  readonly high: Column
}

export interface Aligned {
  /** Unix time in s, ascending. */
  readonly times: readonly number[]
  readonly series: readonly Line[]
}

export function alignSeries(
  all: readonly { readonly name: string; readonly points: readonly ClockPoint[] }[],
): Aligned {
  const instants = new Set(all.flatMap(({ points }) => points.map((each) => each.at_unix_ms)))
  const times = [...instants].toSorted((a, b) => a - b)
  const series = all.map(({ name, points }) => {
    const at = new Map(points.map((point) => [point.at_unix_ms, point]))
    const column = (of: (point: ClockPoint) => number | null): Column =>
      times.map((time) => {
        const point = at.get(time)
        return point === undefined ? null : of(point)
      })
    return {
      name,
      offset: column((point) => point.offset_seconds),
      low: column((point) => edgeOf(point, point.offset_min_seconds, -1)),
      high: column((point) => edgeOf(point, point.offset_max_seconds, 1)),
    }
  })
  return { times: times.map((ms) => ms / 1000), series }
}

function edgeOf(point: ClockPoint, offset: number | null, sign: 1 | -1): number | null {
  return offset === null ? null : offset + sign * (point.error_seconds ?? 0)
}

export interface Summary {
  readonly name: string
  readonly least: number | null
  readonly median: number | null
  readonly most: number | null
  readonly last: number | null
}

/** What a chart says to who cannot see it. */
export function summaryOf({ series }: Aligned): readonly Summary[] {
  return series.map(({ name, offset }) => {
    const measured = offset.filter((each) => each !== null)
    const sorted = measured.toSorted((a, b) => a - b)
    return {
      name,
      least: sorted[0] ?? null,
      median: sorted[Math.floor(sorted.length / 2)] ?? null,
      most: sorted.at(-1) ?? null,
      last: measured.at(-1) ?? null,
    }
  })
}
