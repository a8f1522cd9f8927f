/** `timeball secrets rekey`: everything encrypted anew, perhaps for others. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { openSecrets, refuseSecret } from './open-secrets.ts'

export interface RekeyOptions extends FleetOptions {
  readonly recipient?: readonly string[]
}

export async function rekeyCommand(context: Context, options: RekeyOptions): Promise<ExitCode> {
  const opened = await openSecrets(context, options)
  if (!opened.ok) return opened.failure
  const { store, loaded } = opened.value
  const done = await store.rekey(options.recipient ?? [])
  if (!done.ok) return refuseSecret(context, store, done.failure)
  // From the file, as the next command finds it.
  const notes = await (await context.openSecrets(loaded)).notes()
  const records = await openRecords(context, options.json)
  if (records !== null) return records.result(exitCodes.done, { warnings: notes })
  const { terminal } = context
  terminal.say(`timeball: ${store.name} can be read by ${done.value.join(', ')}`)
  terminal.say('    whoever could read it before still has the old versions: rotate the keys')
  for (const note of notes) terminal.say(`warning: ${note}`)
  return exitCodes.done
}
