/** The path of a small line. Pure. */
import type { Point } from '../live/history.ts'

export interface SparkLine {
  readonly d: string
  readonly least: number
  readonly most: number
}

/** Where nothing was measured the line has a gap. `null`: there are not two points. */
export function sparkPath(
  points: readonly Point[],
  { width, height }: { readonly width: number; readonly height: number },
): SparkLine | null {
  const measured = points.flatMap(({ offsetSeconds }) => offsetSeconds ?? [])
  const first = points[0]?.atUnixMs
  const last = points.at(-1)?.atUnixMs
  if (measured.length < 2 || first === undefined || last === undefined) return null
  const least = Math.min(...measured)
  const most = Math.max(...measured)
  const span = most - least || 1
  const x = (ms: number): string => (((ms - first) / (last - first)) * (width - 2) + 1).toFixed(1)
  const y = (offset: number): string =>
    (height - 2 - ((offset - least) / span) * (height - 4)).toFixed(1)
  let pen: 'M' | 'L' = 'M'
  let d = ''
  for (const { atUnixMs, offsetSeconds } of points) {
    if (offsetSeconds === null) {
      pen = 'M'
      continue
    }
    d += `${pen}${x(atUnixMs)} ${y(offsetSeconds)}`
    pen = 'L'
  }
  return { d, least, most }
}
