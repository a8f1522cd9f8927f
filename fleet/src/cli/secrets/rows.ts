/** A secret in a table, and in JSON. */
import type { SecretRecord } from '../../api/records/secret-record.ts'
import { fingerprintOf } from '../../core/secrets/fingerprint.ts'
import type { KeptSecret } from '../../core/secrets/place.ts'
import { formatTable, type Column } from '../../core/table.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
import type { Context } from '../context.ts'

export interface SecretRow extends KeptSecret {
  readonly fingerprint: string | null
  readonly done: SecretRecord['message']
}

/** What is kept, with fingerprints where the values can be had. */
export async function rowOf(
  store: SecretStore,
  kept: KeptSecret,
  done: SecretRow['done'] = 'kept',
): Promise<SecretRow> {
  const secret = await store.get(kept)
  return { ...kept, fingerprint: secret.ok ? fingerprintOf(secret.value) : null, done }
}

export function secretRecord({ device, name, setAtUnixMs, ...row }: SecretRow): SecretRecord {
  const { fingerprint, done: message } = row
  return { type: 'secret', device, name, set_at_unix_ms: setAtUnixMs, fingerprint, message }
}

/** `withDone`: with a column of what was done. */
export function showRows(
  { terminal, nowUnixMs }: Pick<Context, 'terminal' | 'nowUnixMs'>,
  rows: readonly SecretRow[],
  withDone: 'with what was done' | 'as they are',
): void {
  const now = nowUnixMs()
  const columns: readonly Column<SecretRow>[] = [
    column('DEVICE', ({ device }) => device ?? '(all)'),
    column('SECRET', ({ name }) => name),
    column('AGE', ({ setAtUnixMs }) =>
      setAtUnixMs === null ? '-' : formatSpan(now - setAtUnixMs),
    ),
    column('FINGERPRINT', ({ fingerprint }) => fingerprint ?? '-'),
    ...(withDone === 'as they are' ? [] : [column('', ({ done }) => done)]),
  ]
  for (const line of formatTable(rows, columns, terminal)) terminal.out(line)
}

function column(title: string, cell: (row: SecretRow) => string): Column<SecretRow> {
  return { title, align: 'left', shrink: false, cell }
}
