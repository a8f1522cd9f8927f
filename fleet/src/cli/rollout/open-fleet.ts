/** A fleet that a rollout is about to look at: read, selected, within reach. */
import type { ExitCode } from '../../api/exit-codes.ts'
import type { Outside } from '../../app/outside.ts'
import type { Device } from '../../core/device/device.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions } from '../context.ts'
import { reach, type Reached } from '../start.ts'

/** Of a failure was told already. Whoever opens it closes the engine. */
export async function openFleet(
  context: Context,
  options: FleetOptions,
): Promise<Result<Reached, ExitCode>> {
  const reached = await reach(context, undefined, options)
  if (reached.ok) {
    const { loaded, outside } = reached.value
    context.terminal.hide(await secretsOf(loaded.fleet.devices, outside))
  }
  return reached
}

/** Of all devices: none of them may ever appear in what is said. */
export async function secretsOf(
  devices: readonly Device[],
  { secrets }: Pick<Outside, 'secrets'>,
): Promise<readonly Secret[]> {
  const reads = devices.flatMap(({ name }) =>
    ['API_KEY_1', 'API_KEY_2'].map((key) => secrets.read(name, key)),
  )
  const found = await Promise.all(reads)
  return found.flatMap((secret) => (secret.ok ? [secret.value] : []))
}
