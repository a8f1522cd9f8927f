import assert from 'node:assert/strict'
import { formatProblem } from '@timeball/lib/problem.ts'
import { readInventorySources } from '../src/files/find-sources.ts'
import type { Inventory } from '../src/inventory.ts'
import { parseInventory } from '../src/parse-inventory.ts'
import type { Decrypt } from '../src/encrypted-text.ts'

/** The inventory of some sources, which must have no mistakes. */
export async function loadInventory(
  sources: readonly string[],
  playbookDirectory = '/nowhere',
  decrypt?: Decrypt,
): Promise<Inventory> {
  const found = readInventorySources({ sources, playbookDirectory })
  assert.ok(found.ok, found.ok ? '' : found.failure.map(formatProblem).join('\n'))
  const parsed = parseInventory(found.value.sources, decrypt)
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.failure.map(formatProblem).join('\n'))
  return parsed.value
}
