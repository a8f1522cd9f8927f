/** A small line of the last hour: enough to see a step or a drift, with its figures on hover. */
import type { Point } from '../live/history.ts'
import { formatOffset } from './format.ts'
import { sparkPath } from './spark-path.ts'

const size = { width: 120, height: 24 } as const

export function Spark({ points }: { readonly points: readonly Point[] }) {
  const line = sparkPath(points, size)
  if (line === null) return <span class="faint">no history yet</span>
  const text = `last hour: ${formatOffset(line.least)} to ${formatOffset(line.most)}`
  return (
    <svg class="spark" viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={text}>
      <title>{text}</title>
      <path d={line.d} />
    </svg>
  )
}
