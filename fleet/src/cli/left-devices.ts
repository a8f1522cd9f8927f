/** Devices that left the inventory, for plans; and what has to be known for that. */
import type { PlannedFleet } from '../app/plan-fleet.ts'
import { leftDevices, leftWarnings, newWays } from '../core/device/left-devices.ts'
import type { Context, LoadedFleet } from './context.ts'

export async function leftInventory(
  context: Context,
  loaded: LoadedFleet,
): Promise<readonly string[]> {
  const known = await context.knownDevices(loaded)
  if (!known.ok) return []
  const revoked = new Set(loaded.fleet.revoked.map(({ name }) => name))
  const judged = known.value.filter(({ name }) => !loaded.leftOut.has(name) && !revoked.has(name))
  return leftWarnings(leftDevices(judged, loaded.fleet.devices))
}

/** What another machine has applied is known here from the first apply on, also when that finds nothing to do. */
export async function learnDevices(
  context: Context,
  loaded: LoadedFleet,
  { devices }: PlannedFleet,
): Promise<void> {
  const known = await context.knownDevices(loaded)
  if (!known.ok) return
  const applied = [...devices.values()].filter(({ observed }) => observed.generation > 0)
  const news = newWays(
    known.value,
    applied.map(({ device }) => device),
  )
  if (news.length === 0) return
  const store = await context.openRolloutStore(loaded)
  if (!store.ok) return
  try {
    if (store.value.damage === null) await store.value.remember(news)
  } finally {
    await store.value.close()
  }
}
