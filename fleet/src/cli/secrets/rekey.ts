/** `timeball secrets rekey`: everything encrypted anew, perhaps for others. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { Context, FleetOptions } from '../context.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
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
  const next = await context.openSecrets(loaded)
  const notes = [...(await next.notes()), ...(await lockedOut(next))]
  const records = await openRecords(context, options.json)
  if (records !== null) return records.result(exitCodes.done, { warnings: notes })
  const { terminal } = context
  terminal.say(`timeball: ${store.name} can be read by ${done.value.join(', ')}`)
  terminal.say('    whoever could read it before still has the old versions: rotate the keys')
  for (const note of notes) terminal.say(`warning: ${note}`)
  return exitCodes.done
}

/** That the identities here are those of no recipient. */
async function lockedOut(store: SecretStore): Promise<readonly string[]> {
  const kept = await store.list()
  const [first] = kept.ok ? kept.value : []
  if (first === undefined || (await store.get(first)).ok) return []
  return [`nobody can read ${store.name} from here any more: none of the recipients is yours`]
}
