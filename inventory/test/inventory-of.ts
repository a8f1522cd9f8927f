import assert from 'node:assert/strict'
import { formatProblem } from '@timeball/lib/problem.ts'
import type { Inventory } from '../src/inventory.ts'
import { type InventorySources, parseInventory } from '../src/parse-inventory.ts'

/** The sources of an inventory that is one file. */
export function sourcesOf(text: string): InventorySources {
  return { inventory: { path: 'inv/inventory.yml', text }, groupVars: [], hostVars: [] }
}

/** The inventory of a text that has no mistakes. */
export function inventoryOf(text: string): Inventory {
  const result = parseInventory(sourcesOf(text))
  assert.ok(result.ok, result.ok ? '' : result.failure.map(formatProblem).join('\n'))
  return result.value
}

/** The problems of a text, as an editor shows them; none when it is sound. */
export function problemsOf(text: string): string[] {
  const result = parseInventory(sourcesOf(text))
  return result.ok ? [] : result.failure.map(formatProblem)
}
