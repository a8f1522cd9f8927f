/** A sweep as a table for people, with what it means for the fleet below it. */
import {
  formatTable,
  scaleSeconds,
  type Cell,
  type Column,
  type TableLayout,
  type Tone,
} from '../table.ts'
import { foldNames } from '../plan/names.ts'
import { placeText, rolledWeeks } from './faults.ts'
import { leapText } from './leap.ts'
import type { ClockRow } from './row.ts'
import type { ClockVerdict, FleetTime } from './server.ts'

const signs = {
  truechimer: { text: '✓ truechimer', tone: 'good' },
  falseticker: { text: '✗ falseticker', tone: 'bad' },
  unsynchronised: { text: '✗ unsynchronised', tone: 'bad' },
  unreachable: { text: '✗ unreachable', tone: 'bad' },
  invalid: { text: '✗ invalid', tone: 'bad' },
  undecidable: { text: '? undecidable', tone: 'warn' },
} as const satisfies Record<ClockVerdict, Cell>

/** What is shown where something is not known. Never a zero, never a blank. */
const notKnown: Cell = { text: '?', tone: 'dim' }

const columns: readonly Column<ClockRow>[] = [
  column('SERVER', serverCell),
  column('VERDICT', ({ judgement }) => signs[judgement.verdict]),
  column('OFFSET', offsetCell),
  {
    ...column(
      'DELAY',
      measured(({ delaySeconds }) => scaleSeconds(delaySeconds)),
    ),
    align: 'right',
  },
  column('ST', stratumCell),
  column(
    'REFID',
    measured(({ refid }) => refid),
  ),
  column('LEAP', leapCell),
  column('SELF-REPORTED', selfReportedCell),
  { ...column('SCORE', scoreCell), align: 'right' },
  { ...column('WHY', whyCell), shrink: true },
]

function column(title: string, cell: (row: ClockRow) => string | Cell): Column<ClockRow> {
  return { title, align: 'left', cell, shrink: false }
}

/** The lines of the table in the given order, an empty line, and what is known about the time. */
export function formatClockTable(
  rows: readonly ClockRow[],
  time: FleetTime,
  layout: TableLayout,
): string[] {
  if (rows.length === 0) return ['no servers']
  const shown = foldSilent(rows)
  return [...formatTable(shown, columns, layout), '', ...timeLines(time), summarizeClocks(rows)]
}

/** Servers that did not answer have nothing of their own to show: those alike are one row. */
function foldSilent(rows: readonly ClockRow[]): readonly ClockRow[] {
  const alike = Map.groupBy(rows, (row) => {
    const { verdict, server } = row.judgement
    if (verdict !== 'unreachable') return server.name
    return JSON.stringify(columns.slice(1).map(({ cell }) => cell(row)))
  })
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? []
    const name = `${namesOf([first, ...others])} (${others.length + 1})`
    const { judgement } = first
    return { ...first, judgement: { ...judgement, server: { ...judgement.server, name } } }
  })
}

/** The fleet's time, and how wrong this machine's own clock is. */
export function timeLines(time: FleetTime): string[] {
  if (time.kind === 'undecidable') {
    return [`undecidable: ${time.why}`, 'offsets are against the clock of this machine']
  }
  const { agreeing, votes, places, centre, centreError } = time
  const split = places.length === 1 ? '' : `, in ${places.length} places`
  const lines = [
    `the time is known within ± ${scaleSeconds(centreError)}: ${agreeing} of ${votes} independent votes agree${split}`,
  ]
  if (Math.abs(centre) <= centreError) return lines
  const own = `this machine's clock is off by ${placeText(-centre, centreError)}`
  const weeks = rolledWeeks(centre)
  if (weeks === 0) return [...lines, own]
  return [...lines, `${own}, or the whole fleet has a GPS week rollover (${weeks} weeks)`]
}

/** `3 of 4 truechimers; pi-ntp-02 falseticker: off by …`: the worst fault of each, those alike together. */
export function summarizeClocks(rows: readonly ClockRow[]): string {
  const wrong = rows.filter(({ judgement }) => judgement.verdict !== 'truechimer')
  const alike = Map.groupBy(wrong, ({ judgement: { verdict, faults } }) => {
    const [worst] = faults
    return `${verdict}${worst === undefined ? '' : `: ${worst.text}`}`
  })
  const shown = [...alike].slice(0, namedFailures)
  const named = shown.map(([failure, servers]) => `${namesOf(servers)} ${failure}`)
  const left = wrong.length - shown.reduce((sum, [, servers]) => sum + servers.length, 0)
  const more = left > 0 ? [`${left} more`] : []
  return [`${rows.length - wrong.length} of ${rows.length} truechimers`, ...named, ...more].join(
    '; ',
  )
}

const namedFailures = 4

function namesOf(rows: readonly ClockRow[]): string {
  return foldNames(rows.map(({ judgement }) => judgement.server.name))
}

function serverCell({ judgement: { server } }: ClockRow): Cell {
  return { text: server.name, tone: server.kind === 'reference' ? 'dim' : null }
}

function offsetCell({ judgement: { offsetSeconds, errorSeconds } }: ClockRow): string | Cell {
  if (offsetSeconds === null || errorSeconds === null) return notKnown
  return placeText(offsetSeconds, errorSeconds)
}

type Measurement = Extract<
  ClockRow['judgement']['server']['swept']['result'],
  { readonly ok: true }
>['value']

function measured(text: (measurement: Measurement) => string) {
  return ({ judgement }: ClockRow): string | Cell => {
    const { result } = judgement.server.swept
    return result.ok ? text(result.value) : notKnown
  }
}

function stratumCell({ judgement: { server } }: ClockRow): string | Cell {
  const { result, unsynchronised } = server.swept
  if (result.ok) return String(result.value.stratum)
  return unsynchronised === null ? notKnown : { text: String(unsynchronised.stratum), tone: 'bad' }
}

function leapCell({ judgement: { server, faults } }: ClockRow): string | Cell {
  const { result, unsynchronised } = server.swept
  if (!result.ok) {
    return unsynchronised === null ? notKnown : { text: leapText(unsynchronised.leap), tone: 'bad' }
  }
  const isWrong = faults.some(({ fault }) => fault.startsWith('leap-'))
  return { text: leapText(result.value.leap), tone: isWrong ? 'bad' : null }
}

function selfReportedCell({ claimedOffsetSeconds }: ClockRow): string | Cell {
  if (claimedOffsetSeconds === null) return notKnown
  return `${claimedOffsetSeconds > 0 ? '+' : ''}${scaleSeconds(claimedOffsetSeconds)}`
}

/** Below this the NTP Pool does not use a server. */
const poorScore = 10

function scoreCell({ score }: ClockRow): Cell {
  if (score === null) return notKnown
  const tone: Tone | null = score < 0 ? 'bad' : null
  return { text: score.toFixed(1), tone: score < poorScore && tone === null ? 'dim' : tone }
}

function whyCell({ judgement: { faults } }: ClockRow): Cell {
  const isBad = faults.some(({ level }) => level === 'bad')
  return { text: faults.map(({ text }) => text).join('; '), tone: isBad ? null : 'dim' }
}
