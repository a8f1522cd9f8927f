/** The quorum that `fleet.yaml` wants, against the devices that the inventory has. */
import type { Inventory } from '@timeball/inventory/inventory.ts'
import { noContext, selectHosts } from '@timeball/inventory/select-hosts.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Device } from '../device/device.ts'
import { membersOf } from '../rollout/planning/members.ts'
import { quorumSets } from '../rollout/planning/quorum-sets.ts'
import type { RolloutSettings } from '../rollout/settings.ts'

/** Where a setting is written. */
export type Place = (path: readonly string[]) => Pick<Problem, 'file' | 'line' | 'column'>

/**
 * The settings with client sets as names of devices: they are written as patterns, as everywhere
 * else. Refused are sets that name nobody, and more good servers than a set has.
 */
export function resolveQuorum(
  rollout: RolloutSettings,
  inventory: Inventory,
  devices: readonly Device[],
  place: Place,
): Result<RolloutSettings, readonly Problem[]> {
  const { quorum } = rollout
  const problems: Problem[] = []
  const at = (key: string, ...more: readonly string[]) => place(['rollout', 'quorum', key, ...more])
  const sets = Object.entries(quorum.sets).map(([name, words]): [string, string[]] => {
    const found = new Set<string>()
    for (const [index, word] of words.entries()) {
      const hosts = selectHosts(inventory, word, noContext)
      for (const host of hosts.ok ? hosts.value : []) found.add(host)
      for (const { what, fix } of hosts.ok ? [] : hosts.failure) {
        const where = at('sets', name, String(index))
        problems.push({ ...where, what: `rollout.quorum.sets.${name}: ${what}`, fix })
      }
    }
    return [name, devices.flatMap((device) => (found.has(device.name) ? [device.name] : []))]
  })
  if (problems.length > 0) return fail(problems)
  const resolved = { ...rollout, quorum: { ...quorum, sets: Object.fromEntries(sets) } }
  const planned = quorumSets(membersOf(devices), resolved, '')
  if (!planned.ok) return fail(planned.failure.map((each) => ({ ...each, ...at('sets') })))
  const beyond = planned.value.sets.filter(({ members, minGood }) => minGood > members.length)
  if (beyond.length === 0) return ok(resolved)
  return fail(
    beyond.map(({ name, members, minGood }) => ({
      ...at('min_good'),
      what: `rollout.quorum.min_good: ${minGood} are more than ${name} has (${members.length})`,
      fix: 'Lower it, or name the sets of servers that clients use in rollout.quorum.sets',
    })),
  )
}
