/** Health of a fleet as a table for people, worst first, with one sentence below it. */
import {
  formatTable,
  scaleSeconds,
  type Cell,
  type Column,
  type TableLayout,
  type Tone,
} from '../table.ts'
import { foldNames } from '../plan/names.ts'
import { levelsWorstFirst } from './judge.ts'
import type { HealthLevel, HealthVerdict } from './verdict.ts'

const signs = {
  ok: { text: '✓ ok', tone: 'good' },
  degraded: { text: '! degraded', tone: 'warn' },
  down: { text: '✗ down', tone: 'bad' },
  unknown: { text: '? unknown', tone: 'warn' },
} as const satisfies Record<HealthLevel, Cell>

/** What is shown where something is not known. Never a zero, never a blank. */
const notKnown: Cell = { text: '?', tone: 'dim' }

const columns: readonly Column<HealthVerdict>[] = [
  column('DEVICE', ({ device }) => device),
  column('HEALTH', ({ verdict }) => signs[verdict]),
  column('HTTP', httpCell),
  column('NTP', ntpCell),
  column('OFFSET', offsetCell),
  { ...column('DISK', diskCell), align: 'right' },
  column('CONTAINER', containerCell),
  { ...column('GEN', ({ generation }) => orNotKnown(generation, String)), align: 'right' },
  { ...column('WHY', ({ reasons }) => reasons.map(({ text }) => text).join('; ')), shrink: true },
]

function column(title: string, cell: (row: HealthVerdict) => string | Cell): Column<HealthVerdict> {
  return { title, align: 'left', cell, shrink: false }
}

/** The lines of the table, an empty line, and the summary. */
export function formatHealthTable(
  verdicts: readonly HealthVerdict[],
  layout: TableLayout,
): string[] {
  const summary = summarizeHealth(verdicts)
  if (verdicts.length === 0) return [summary]
  return [...formatTable(foldSame(worstFirst(verdicts)), columns, layout), '', summary]
}

/** Devices that are not ok and look alike in every column are one row. */
function foldSame(verdicts: readonly HealthVerdict[]): readonly HealthVerdict[] {
  const alike = Map.groupBy(verdicts, (row) =>
    row.verdict === 'ok'
      ? row.device
      : JSON.stringify(columns.slice(1).map(({ cell }) => cell(row))),
  )
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? []
    return { ...first, device: namesOf([first, ...others]) }
  })
}

/** Worst verdict first; the given order within the same verdict. */
export function worstFirst(verdicts: readonly HealthVerdict[]): HealthVerdict[] {
  return verdicts.toSorted(
    (one, other) => levelsWorstFirst.indexOf(one.verdict) - levelsWorstFirst.indexOf(other.verdict),
  )
}

const namedFailures = 4

/** `3 of 4 ok; pi-ntp-02 down: no answer on UDP 123`: the first reason of each, those alike together, worst first. */
export function summarizeHealth(verdicts: readonly HealthVerdict[]): string {
  if (verdicts.length === 0) return 'no devices'
  const bad = worstFirst(verdicts).filter(({ verdict }) => verdict !== 'ok')
  const alike = Map.groupBy(bad, ({ verdict, reasons }) => `${verdict}: ${reasons[0]?.text ?? ''}`)
  const shown = [...alike].slice(0, namedFailures)
  const named = shown.map(([failure, rows]) => `${namesOf(rows)} ${failure}`)
  const left = bad.length - shown.reduce((sum, [, rows]) => sum + rows.length, 0)
  const more = left > 0 ? [`${left} more not ok`] : []
  return [`${verdicts.length - bad.length} of ${verdicts.length} ok`, ...named, ...more].join('; ')
}

function namesOf(rows: readonly HealthVerdict[]): string {
  return foldNames(rows.map(({ device }) => device))
}

function httpCell({ httpStatus }: HealthVerdict): Cell {
  if (httpStatus === null) return notKnown
  return { text: String(httpStatus), tone: httpStatus < 400 ? null : 'bad' }
}

function ntpCell({ ntp }: HealthVerdict): Cell {
  const stratum = ntp.stratum === null ? '?' : String(ntp.stratum)
  const source = `${stratum} ${ntp.refid ?? ''}`.trim()
  if (ntp.isSynced === true) return { text: source, tone: null }
  if (ntp.isSynced === false) return { text: 'not synced', tone: 'bad' }
  return { text: source === '?' ? '?' : `${source} ?`, tone: 'dim' }
}

function offsetCell({ measured }: HealthVerdict): string | Cell {
  if (measured === null) return notKnown
  const { offsetSeconds, errorSeconds } = measured
  const sign = offsetSeconds > 0 ? '+' : ''
  return `${sign}${scaleSeconds(offsetSeconds)} ± ${scaleSeconds(errorSeconds)}`
}

function diskCell({ diskUsedPercent, reasons }: HealthVerdict): Cell {
  if (diskUsedPercent === null) return notKnown
  const tone: Tone | null = reasons.some(({ check }) => check === 'disk') ? 'warn' : null
  return { text: `${Math.round(diskUsedPercent)} %`, tone }
}

function containerCell({ container }: HealthVerdict): Cell {
  if (container === null || container === 'unknown') return notKnown
  return { text: container, tone: container === 'running' ? null : 'bad' }
}

function orNotKnown<T>(value: T | null, format: (value: T) => string): string | Cell {
  return value === null ? notKnown : format(value)
}
