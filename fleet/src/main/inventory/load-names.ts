/** The names of an inventory, for completion: no variables are read, nothing is run or decrypted. */
import { readInventorySources } from '@timeball/inventory/files/find-sources.ts'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import type { FleetOptions, Names } from '../../cli/context.ts'
import { sourcesOf } from './load-inventory.ts'

/** `null`: it cannot be read. */
export async function loadNames(options: FleetOptions): Promise<Names | null> {
  const sources = sourcesOf(options)
  const found = readInventorySources({ sources, playbookDirectory: '.', variables: 'skip' })
  if (!found.ok) return null
  const { sources: all } = found.value
  const own = all.sources.filter(({ kind }) => kind !== 'foreign')
  const parsed = parseInventory({ ...all, sources: own })
  if (!parsed.ok) return null
  return { hosts: [...parsed.value.hosts.keys()], groups: [...parsed.value.groups.keys()] }
}
