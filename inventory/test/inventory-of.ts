import assert from 'node:assert/strict'
import { formatProblem } from '@timeball/lib/problem.ts'
import type { Inventory } from '../src/inventory.ts'
import { parseInventory } from '../src/parse-inventory.ts'
import { type InventorySources, type VariableDirectory, textSource } from '../src/sources/source.ts'
import { ok } from '@timeball/lib/result.ts'

/** The sources of an inventory that is one file. */
export function sourcesOf(text: string): InventorySources {
  return textSource('inv/inventory.yml', text)
}

/** The folder beside the inventory with one file, such as `group_vars/all.yml`. */
export function directoryOf(path: string, text: string): VariableDirectory {
  const [kind, entry = ''] = path.split('/')
  const entries = [{ entry, path, files: [ok({ path, text })] }]
  return {
    beside: 'inventory',
    groups: kind === 'group_vars' ? entries : [],
    hosts: kind === 'host_vars' ? entries : [],
  }
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
