/** A fleet that a rollout is about to look at: read, selected, within reach. */
import type { ExitCode } from '../../api/exit-codes.ts'
import type { Outside } from '../../app/outside.ts'
import type { Device } from '../../core/fleet/fleet.ts'
import { fail, ok, type Result } from '../../core/result.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse } from '../problems.ts'
import { selectDevices } from '../start.ts'

export interface OpenFleet {
  readonly loaded: LoadedFleet
  readonly devices: readonly Device[]
  readonly outside: Outside
}

/** Of a failure was told already. Whoever opens it closes the engine. */
export async function openFleet(
  context: Context,
  options: FleetOptions,
): Promise<Result<OpenFleet, ExitCode>> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return fail(refuse(terminal, loaded.failure))
  const devices = await selectDevices(context, loaded.value, undefined, options.limit)
  if (!devices.ok) return fail(refuse(terminal, devices.failure))
  const obstacle = context.enterNetwork(loaded.value)
  if (obstacle !== null) return fail(refuse(terminal, [obstacle]))
  const outside = await context.openOutside(loaded.value, options)
  await hideSecrets(context, loaded.value.fleet.devices, outside)
  return ok({ loaded: loaded.value, devices: devices.value, outside })
}

/** Of all devices: none of them ever appears in what is said. */
async function hideSecrets(
  { terminal }: Context,
  devices: readonly Device[],
  { secrets }: Outside,
): Promise<void> {
  const reads = devices.flatMap(({ name }) =>
    ['API_KEY_1', 'API_KEY_2'].map((key) => secrets.read(name, key)),
  )
  const found = await Promise.all(reads)
  terminal.hide(found.flatMap((secret) => (secret.ok ? [secret.value] : [])))
}
