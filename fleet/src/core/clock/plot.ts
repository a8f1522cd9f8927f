/** Offsets with their error bounds as a picture made of characters. */
import { displayWidth, paint, scaleSeconds } from '../table.ts'
import type { TableLayout } from '../table.ts'
import type { ClockRow } from './row.ts'

const usualWidth = 80
const leastPlot = 20

/**
 * One line a server: `├──●──┤` is offset ± error on a linear scale. A server that is far off would
 * press all others into one column, so that the scale is that of the truechimers, and what is
 * beyond it has an arrow and its size.
 */
export function formatClockPlot(rows: readonly ClockRow[], layout: TableLayout): string[] {
  const nameWidth = Math.max(6, ...rows.map(({ judgement }) => displayWidth(nameOf(judgement))))
  const width = Math.max(leastPlot, (layout.width ?? usualWidth) - nameWidth - 14)
  const reach = reachOf(rows)
  const left = scaleSeconds(-reach)
  const right = `+${scaleSeconds(reach)}`
  const blanks = ' '.repeat(Math.max(1, width - displayWidth(left) - displayWidth(right)))
  return [
    `${' '.repeat(nameWidth)}  ${left}${blanks}${right}`,
    ...rows.map((row) => {
      const name = nameOf(row.judgement).padEnd(nameWidth)
      return `${name}  ${barOf(row, { reach, width, color: layout.color })}`.trimEnd()
    }),
  ]
}

function nameOf({ server }: ClockRow['judgement']): string {
  return server.name
}

/** Room for the intervals of the truechimers, or of all where there are none. */
function reachOf(rows: readonly ClockRow[]): number {
  const truechimers = rows.filter(({ judgement }) => judgement.verdict === 'truechimer')
  const shown = truechimers.length > 0 ? truechimers : rows
  const ends = shown.flatMap(({ judgement: { offsetSeconds, errorSeconds } }) =>
    offsetSeconds === null || errorSeconds === null ? [] : [Math.abs(offsetSeconds) + errorSeconds],
  )
  return Math.max(1e-6, ...ends) * 1.1
}

interface Scale {
  readonly reach: number
  readonly width: number
  readonly color: boolean
}

function barOf({ judgement }: ClockRow, { reach, width, color }: Scale): string {
  const { offsetSeconds, errorSeconds, verdict } = judgement
  if (offsetSeconds === null || errorSeconds === null) return verdict
  const tone = verdict === 'truechimer' ? 'good' : verdict === 'undecidable' ? 'warn' : 'bad'
  const column = (seconds: number): number => Math.round(((seconds / reach + 1) / 2) * (width - 1))
  if (offsetSeconds > reach) {
    const text = `+${scaleSeconds(offsetSeconds)} ▶`
    return `${' '.repeat(Math.max(0, width - displayWidth(text)))}${paintIf(text, color, tone)}`
  }
  if (offsetSeconds < -reach) return paintIf(`◀ ${scaleSeconds(offsetSeconds)}`, color, tone)
  const low = Math.max(0, column(offsetSeconds - errorSeconds))
  const high = Math.min(width - 1, column(offsetSeconds + errorSeconds))
  const bar = Array.from({ length: high - low + 1 }, (_, index) =>
    mark(low + index, { low, high, at: column(offsetSeconds) }),
  )
  return `${' '.repeat(low)}${paintIf(bar.join(''), color, tone)}`
}

function mark(
  column: number,
  { low, high, at }: { readonly low: number; readonly high: number; readonly at: number },
): string {
  if (column === at) return '●'
  if (column === low) return '├'
  return column === high ? '┤' : '─'
}

function paintIf(text: string, color: boolean, tone: Parameters<typeof paint>[1]): string {
  return color ? paint(text, tone) : text
}
