/** `timeball secrets set` and `remove`: the value comes from a terminal or standard input, never argv. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { formatPlace } from '../../core/secrets/place.ts'
import { Secret, secretProblem } from '../../core/secrets/secret.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { openPlace, refuseSecret, refuseValue, type OpenedPlace } from './open-secrets.ts'
import { rowOf, secretRecord, type SecretRow } from './rows.ts'

export interface SetOptions extends FleetOptions {
  readonly generate?: boolean
}

export async function setCommand(
  context: Context,
  text: string,
  options: SetOptions,
): Promise<ExitCode> {
  const opened = await openPlace(context, text, options)
  if (!opened.ok) return opened.failure
  const { place } = opened.value
  const value =
    options.generate === true
      ? context.newKey()
      : await context.terminal.readHidden(`${formatPlace(place)}: `)
  if (value === null) return refuseValue(context, 'no value was given')
  const problem = secretProblem(value)
  if (problem !== null) return refuseValue(context, `the value ${problem}`)
  return await change(context, opened.value, new Secret(place.name, value), options)
}

export async function removeCommand(
  context: Context,
  text: string,
  options: FleetOptions,
): Promise<ExitCode> {
  const opened = await openPlace(context, text, options)
  if (!opened.ok) return opened.failure
  const { store, place } = opened.value
  const before = await store.get(place)
  if (!before.ok && before.failure.code === 'missing') {
    return refuseSecret(context, store, before.failure)
  }
  return await change(context, opened.value, null, options)
}

async function change(
  context: Context,
  { store, place }: OpenedPlace,
  secret: Secret | null,
  options: FleetOptions,
): Promise<ExitCode> {
  const before = await store.get(place)
  const atUnixMs = context.nowUnixMs()
  const written = await store.write([{ ...place, secret, atUnixMs }])
  if (!written.ok) return refuseSecret(context, store, written.failure)
  const done = secret === null ? 'removed' : before.ok ? 'replaced' : 'set'
  const row: SecretRow = await rowOf(store, { ...place, setAtUnixMs: atUnixMs }, done)
  const records = await openRecords(context, options.json)
  records?.write(secretRecord(row))
  if (records !== null) return records.result(exitCodes.done, {})
  const mark = row.fingerprint === null ? '' : ` (${row.fingerprint})`
  context.terminal.say(`timeball: ${formatPlace(place)}: ${done} in ${store.name}${mark}`)
  return exitCodes.done
}
