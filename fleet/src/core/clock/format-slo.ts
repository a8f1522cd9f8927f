/** Availability and objective of each server as a table. */
import { formatTable, type Cell, type Column, type TableLayout } from '../table.ts'
import type { ClockRow } from './row.ts'
import type { SloSettings } from './settings.ts'
import type { Objective } from './slo.ts'

export function objectiveOf({ within_ms, percent, days }: SloSettings): Objective {
  return { withinSeconds: within_ms / 1000, share: percent / 100, days }
}

const columns: readonly Column<ClockRow>[] = [
  column('SERVER', ({ judgement }) => judgement.server.name),
  column('SWEEPS', ({ attainment }) => (attainment === null ? '?' : String(attainment.judged))),
  column('NOT JUDGED', ({ attainment }) =>
    attainment === null ? '?' : String(attainment.unknown),
  ),
  column('AVAILABLE', ({ attainment }) => percentText(attainment?.available)),
  column('ATTAINED', ({ attainment }) => percentText(attainment?.attained)),
  column('BUDGET LEFT', ({ attainment }) => budgetCell(attainment?.budgetLeft)),
]

function column(title: string, cell: (row: ClockRow) => string | Cell): Column<ClockRow> {
  return { title, align: title === 'SERVER' ? 'left' : 'right', cell, shrink: false }
}

export function formatSlo(
  rows: readonly ClockRow[],
  { within_ms, percent, days }: SloSettings,
  layout: TableLayout,
): string[] {
  const title = `within ${within_ms} ms of UTC, ${percent} % of the sweeps of ${days} days`
  return [title, ...formatTable(rows, columns, layout)]
}

function percentText(share: number | null | undefined): string {
  return share === null || share === undefined ? '?' : `${(share * 100).toFixed(2)} %`
}

function budgetCell(left: number | null | undefined): Cell {
  if (left === null || left === undefined) return { text: '?', tone: 'dim' }
  if (left < 0) return { text: 'missed', tone: 'bad' }
  return { text: `${Math.round(left * 100)} %`, tone: null }
}
