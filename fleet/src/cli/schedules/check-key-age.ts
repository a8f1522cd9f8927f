/** The schedule `keys`: is the key of any device older than it may be? */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { oldKeys } from '../../core/keys/old-keys.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuseSecret } from '../secrets/open-secrets.ts'
import { readFleet } from '../start.ts'

export async function checkKeyAge(context: Context, options: FleetOptions): Promise<ExitCode> {
  const { terminal } = context
  const selected = await readFleet(context, undefined, options)
  if (!selected.ok) return selected.failure
  const { loaded, devices } = selected.value
  const store = await context.openSecrets(loaded)
  const kept = await store.list()
  if (!kept.ok) return refuseSecret(context, store, kept.failure)
  const limitMs = loaded.fleet.settings.monitoring.thresholds.key_age
  const names = devices.map(({ name }) => name)
  const old = oldKeys(names, kept.value, { nowUnixMs: context.nowUnixMs(), limitMs })
  if (old.length === 0) {
    terminal.say(`timeball: no key is older than ${formatSpan(limitMs)}`)
    return exitCodes.done
  }
  const what = `older than ${formatSpan(limitMs)}: the keys of ${namesOf(old)}`
  terminal.say(`timeball: ${what}; timeball keys rotate makes new ones`)
  return exitCodes.devicesFailed
}
