import type { Inventory } from '@timeball/inventory/inventory.ts'
import { noContext, selectHosts } from '@timeball/inventory/select-hosts.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { ok, type Result } from '@timeball/lib/result.ts'

/** The hosts that are devices: those of `devices:` in fleet.yaml, else all, in the inventory's order. */
export function chooseDevices(
  inventory: Inventory,
  pattern: string | undefined,
): Result<readonly string[], readonly Problem[]> {
  const hosts = [...inventory.hosts.keys()]
  if (pattern === undefined) return ok(hosts)
  const chosen = selectHosts(inventory, pattern, noContext)
  if (!chosen.ok) return chosen
  const names = new Set(chosen.value)
  return ok(hosts.filter((host) => names.has(host)))
}
