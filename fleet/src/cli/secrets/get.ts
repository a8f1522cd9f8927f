/** `timeball secrets get`: the one command that prints a secret, and only with --reveal. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { openPlace, refuseSecret } from './open-secrets.ts'
import { rowOf, secretRecord, showRows } from './rows.ts'

export interface GetOptions extends FleetOptions {
  readonly reveal?: boolean
}

export async function getCommand(
  context: Context,
  text: string,
  options: GetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  if (options.reveal === true && options.json === true) {
    const what = '--reveal prints the value alone: it is in no JSON'
    return refuse(terminal, [usageProblem(what, 'leave out --json')])
  }
  const opened = await openPlace(context, text, options)
  if (!opened.ok) return opened.failure
  const { store, place } = opened.value
  const secret = await store.get(place)
  if (!secret.ok) return refuseSecret(context, store, secret.failure)
  if (options.reveal === true) {
    terminal.out(secret.value.reveal())
    return exitCodes.done
  }
  const listed = await store.list()
  const kept = (listed.ok ? listed.value : []).find(
    ({ device, name }) => device === place.device && name === place.name,
  )
  const row = await rowOf(store, kept ?? { ...place, setAtUnixMs: null })
  const records = await openRecords(context, options.json)
  records?.write(secretRecord(row))
  if (records !== null) return records.result(exitCodes.done, {})
  showRows(context, [row], 'as they are')
  return exitCodes.done
}
