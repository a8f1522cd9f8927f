/** The inventory as `ansible-inventory` of ansible-core 2.14 prints it (cli/inventory.py). */
import { type Inventory, hostVars } from './inventory.ts'
import { formatJson } from './python/json.ts'
import type { Key, Value, ValueMap } from './value.ts'

/** `ansible-inventory --list`: groups, and each host's variables under `_meta`. */
export function formatList(inventory: Inventory): string {
  const top = new Map<Key, Value>()
  listGroup(inventory, 'all', top, new Set())
  const hosts = new Map<Key, Value>()
  for (const host of inventory.members.get('all') ?? []) {
    const variables = shownVariables(inventory, host)
    if (variables.size > 0) hosts.set(host, variables)
  }
  top.set('_meta', new Map([['hostvars', hosts]]))
  return `${formatJson(top)}\n`
}

/** In the order of `json_inventory`, which shows when the keys cannot be sorted. */
function listGroup(
  inventory: Inventory,
  name: string,
  top: Map<Key, Value>,
  seen: Set<string>,
): void {
  const group = inventory.groups.get(name)
  if (group === undefined) return
  const parts = new Map<Key, Value>()
  if (name !== 'all' && group.hosts.length > 0) parts.set('hosts', group.hosts)
  if (group.children.length > 0) parts.set('children', group.children)
  if (parts.size > 0) top.set(name, parts)
  for (const child of group.children) {
    if (seen.has(child)) continue
    listGroup(inventory, child, top, seen)
    seen.add(child)
  }
}

/** `ansible-inventory --host HOST`: the host's variables; templates stay as they are written. */
export function formatHost(inventory: Inventory, host: string): string {
  return `${formatJson(shownVariables(inventory, host))}\n`
}

/** `ansible-inventory --graph GROUP`. An unknown group gives an empty text. */
export function formatGraph(inventory: Inventory, group = 'all'): string {
  const lines: string[] = []
  const draw = (name: string, depth: number): void => {
    const found = inventory.groups.get(name)
    if (found === undefined) return
    lines.push(graphLine(`@${name}:`, depth))
    for (const child of found.children) draw(child, depth + 1)
    if (name === 'all') return
    for (const host of found.hosts) lines.push(graphLine(host, depth + 1))
  }
  draw(group, 0)
  return lines.map((line) => `${line}\n`).join('')
}

function graphLine(name: string, depth: number): string {
  return depth === 0 ? name : `${'  |'.repeat(depth)}--${name}`
}

/** Names that Ansible sets itself and leaves out of what it prints (INTERNAL_VARS). */
const internalVariables = new Set([
  'ansible_diff_mode',
  'ansible_config_file',
  'ansible_facts',
  'ansible_forks',
  'ansible_inventory_sources',
  'ansible_limit',
  'ansible_playbook_python',
  'ansible_run_tags',
  'ansible_skip_tags',
  'ansible_verbosity',
  'ansible_version',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'groups',
  'group_names',
  'omit',
  'playbook_dir',
])

function shownVariables(inventory: Inventory, host: string): ValueMap {
  const all = [...hostVars(inventory, host)]
  return new Map(all.filter(([key]) => typeof key !== 'string' || !internalVariables.has(key)))
}
