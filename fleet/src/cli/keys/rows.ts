/** The key of a device in a table, and in JSON. */
import type { KeyRecord } from '../../api/records/key-record.ts'
import { formatTable, type Column } from '../../core/table.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Context } from '../context.ts'

export function showKeys(
  { terminal, nowUnixMs }: Pick<Context, 'terminal' | 'nowUnixMs'>,
  rows: readonly KeyRecord[],
): void {
  const now = nowUnixMs()
  const columns: readonly Column<KeyRecord>[] = [
    column('DEVICE', ({ device }) => device),
    column('KEY', ({ fingerprint }) => fingerprint ?? '-'),
    ...(rows.every(({ set_at_unix_ms: set }) => set === null) ? [] : [ageColumn(now)]),
    { ...column('STATE', stateOf), shrink: true },
  ]
  for (const line of formatTable(rows, columns, terminal)) terminal.out(line)
}

function ageColumn(nowUnixMs: number): Column<KeyRecord> {
  return column('AGE', ({ set_at_unix_ms: set }) =>
    set === null ? '-' : formatSpan(nowUnixMs - set),
  )
}

function column(title: string, cell: (row: KeyRecord) => string): Column<KeyRecord> {
  return { title, align: 'left', shrink: false, cell }
}

function stateOf({
  status,
  overlap_left_seconds: left,
  shared_by: shared,
  message,
}: KeyRecord): string {
  switch (status) {
    case 'idle':
      return message ?? (shared > 1 ? `shared by ${shared} devices` : 'its own')
    case 'both':
      return bothText(left)
    case 'ended':
      return 'the new key alone; the old one is still to be seen refused'
    case 'rotated':
      return 'the new key alone; the old one is refused'
    case 'failed':
      return `failed: ${message ?? ''}`
  }
}

function bothText(leftSeconds: number | null): string {
  if (leftSeconds === null)
    return 'old and new key; the device was not yet seen to take the new one'
  if (leftSeconds === 0) return 'both are valid; the old one may go'
  return `both are valid; the old one may go in ${formatSpan(leftSeconds * 1000)}`
}
