/** Since when devices have their keys, for an alert on those that are old. */
import type { Fleet } from '../../core/fleet/fleet.ts'
import { keySetAt } from '../../core/keys/key-age.ts'
import type { SecretStore } from '../../ports/secret-store.ts'

/** Unix time in ms; devices of which the store does not know it are missing. */
export async function keyDates(
  { devices }: Pick<Fleet, 'devices'>,
  secrets: Pick<SecretStore, 'list'>,
): Promise<ReadonlyMap<string, number>> {
  const kept = await secrets.list()
  if (!kept.ok) return new Map()
  const dates = devices.map(({ name }) => [name, keySetAt(name, kept.value)] as const)
  return new Map(dates.flatMap(([name, at]) => (at === null ? [] : [[name, at]])))
}
