/** `timeball secrets list`: what is kept, without the values. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { openSecrets, refuseSecret } from './open-secrets.ts'
import { rowOf, secretRecord, showRows, type SecretRow } from './rows.ts'

export async function listCommand(context: Context, options: FleetOptions): Promise<ExitCode> {
  const opened = await openSecrets(context, options)
  if (!opened.ok) return opened.failure
  const { store } = opened.value
  const kept = await store.list()
  if (!kept.ok) return refuseSecret(context, store, kept.failure)
  const records = await openRecords(context, options.json)
  const rows: SecretRow[] = []
  for (const each of kept.value) rows.push(await rowOf(store, each))
  for (const row of rows) records?.write(secretRecord(row))
  const notes = await store.notes()
  if (records !== null) return records.result(exitCodes.done, { warnings: notes })
  for (const note of notes) context.terminal.say(`warning: ${note}`)
  if (rows.length === 0) context.terminal.say(`timeball: there are no secrets in ${store.name}`)
  else showRows(context, rows, 'as they are')
  return exitCodes.done
}
