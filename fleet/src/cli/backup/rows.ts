/** Backups as a table. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { formatTable, type Column } from '../../core/table.ts'
import type { Context } from '../context.ts'

export interface BackupRow {
  /** Or `controller`. */
  readonly device: string
  /** `null`: there is none. */
  readonly id: string | null
  /** `null`: there is none. */
  readonly takenAtUnixMs: number | null
  /** `null`: the store does not tell. */
  readonly bytes: number | null
  /** `null`: it was not opened. */
  readonly files: number | null
  readonly failure: {
    readonly code: string
    readonly message: string
    readonly hint: string | null
  } | null
}

export function showBackups(
  { terminal, nowUnixMs }: Pick<Context, 'terminal' | 'nowUnixMs'>,
  rows: readonly BackupRow[],
): void {
  if (rows.length === 0) return
  const now = nowUnixMs()
  const columns: readonly Column<BackupRow>[] = [
    column('BACKUP', ({ id }) => id ?? '-'),
    column('DEVICE', ({ device }) => device),
    column('TAKEN', ({ takenAtUnixMs: at }) => (at === null ? '-' : timeText(at))),
    column('AGE', ({ takenAtUnixMs: at }) => (at === null ? '-' : formatSpan(now - at)), 'right'),
    ...(rows.every(({ files }) => files === null)
      ? []
      : [column('FILES', ({ files }) => (files === null ? '' : String(files)), 'right')]),
    ...(rows.every(({ bytes }) => bytes === null)
      ? []
      : [column('SIZE', ({ bytes }) => (bytes === null ? '' : sizeText(bytes)), 'right')]),
    ...(rows.every(({ failure }) => failure === null)
      ? []
      : [{ ...column('STATE', ({ failure }) => failure?.message ?? 'good'), shrink: true }]),
  ]
  for (const line of formatTable(rows, columns, terminal)) terminal.out(line)
}

/** UTC, to the second. */
export function timeText(unixMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(unixMs).toString({ smallestUnit: 'second' })
}

/** In powers of ten. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

function column(
  title: string,
  cell: (row: BackupRow) => string,
  align: 'left' | 'right' = 'left',
): Column<BackupRow> {
  return { title, align, shrink: false, cell }
}
