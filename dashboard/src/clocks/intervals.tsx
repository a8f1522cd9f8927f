/** Where the time is, by each server: its offset with its error, all on one axis. */
import type { Clock } from '../api.ts'
import { servers } from '../live/state.ts'
import { formatOffset, formatSeconds } from '../parts/format.ts'
import { Nothing } from '../parts/parts.tsx'
import { axisOf, boundsOf } from './axis.ts'

const row = 26
const label = 190
const plot = 640

export function Intervals({ time }: { time: { low: number; high: number } | null }) {
  const measured = servers.value.filter(({ offset_seconds: offset }) => offset !== null)
  const bounds = boundsOf(measured)
  if (bounds === null) return <Nothing>No server has been measured yet.</Nothing>
  const x = (seconds: number): number =>
    label + ((seconds - bounds.low) / (bounds.high - bounds.low)) * plot
  const height = measured.length * row + 34
  return (
    <figure>
      <svg
        class="intervals"
        viewBox={`0 0 ${label + plot + 20} ${height}`}
        role="img"
        aria-label="Offset and error of each server"
      >
        {time !== null && (
          <rect
            class="agreed"
            x={x(time.low)}
            width={Math.max(1, x(time.high) - x(time.low))}
            y="0"
            height={height - 30}
          >
            <title>{`the time on which the votes agree: ${formatOffset(time.low)} to ${formatOffset(time.high)}`}</title>
          </rect>
        )}
        {axisOf(bounds).map((seconds) => (
          <g key={seconds} class="tick">
            <line x1={x(seconds)} x2={x(seconds)} y1="0" y2={height - 26} />
            <text x={x(seconds)} y={height - 10} text-anchor="middle">
              {formatOffset(seconds)}
            </text>
          </g>
        ))}
        {measured.map((clock, index) => (
          <Interval key={clock.device} clock={clock} y={index * row + row / 2} x={x} />
        ))}
      </svg>
      <figcaption>
        Each bar is where true time can be if that server is right. Shaded: where a majority agrees.
      </figcaption>
    </figure>
  )
}

function Interval({ clock, y, x }: { clock: Clock; y: number; x: (seconds: number) => number }) {
  const { device, verdict, offset_seconds: offset, error_seconds: error } = clock
  if (offset === null) return null
  const reach = error ?? 0
  const kind = verdict === 'truechimer' ? 'good' : verdict === 'falseticker' ? 'bad' : 'unknown'
  const left = Math.max(label, x(offset - reach))
  const right = Math.min(label + plot, x(offset + reach))
  return (
    <g class={`interval ${kind}`}>
      <title>{`${device}: ${formatOffset(offset)} ± ${formatSeconds(error)}, ${verdict}`}</title>
      <text x={label - 12} y={y + 4} text-anchor="end">
        {kind === 'bad' ? `✗ ${device}` : device}
      </text>
      <line x1={left} x2={right} y1={y} y2={y} />
      <circle cx={Math.min(Math.max(x(offset), label), label + plot)} cy={y} r="4" />
    </g>
  )
}
