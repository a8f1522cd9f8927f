/** The inventory as `ansible-inventory` of ansible-core 2.14 prints it (cli/inventory.py). */
import { type Inventory, compareText, hostVars } from './inventory.ts'
import { type Value, isValueList, isValueMap } from './value.ts'

/** `ansible-inventory --list`: groups, and each host's variables under `_meta`. */
export function formatList(inventory: Inventory): string {
  const top: [string, string][] = []
  for (const group of inventory.groups.values()) {
    const parts: [string, string][] = []
    const hosts = group.name === 'all' ? [] : group.hosts
    if (group.children.length > 0) parts.push(['children', formatValue(group.children, 2)])
    if (hosts.length > 0) parts.push(['hosts', formatValue(hosts, 2)])
    if (parts.length > 0) top.push([group.name, formatObject(parts, 1)])
  }
  const hosts: [string, string][] = []
  for (const host of inventory.hosts.keys()) {
    const variables = shownVariables(inventory, host, 3)
    if (variables.length > 0) hosts.push([host, formatObject(variables, 3)])
  }
  top.push(['_meta', formatObject([['hostvars', formatObject(hosts, 2)]], 1)])
  return `${formatObject(top, 0)}\n`
}

/** `ansible-inventory --host HOST`: the host's variables; templates stay as they are written. */
export function formatHost(inventory: Inventory, host: string): string {
  return `${formatObject(shownVariables(inventory, host, 0), 0)}\n`
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

function shownVariables(inventory: Inventory, host: string, level: number): [string, string][] {
  const shown = [...hostVars(inventory, host)].filter(([name]) => !internalVariables.has(name))
  return shown.map(([name, value]) => [name, formatValue(value, level + 1)])
}

/** JSON with sorted keys and four blanks a level, as Python's `json.dumps` writes it. */
function formatValue(value: Value, level: number): string {
  if (isValueList(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((item) => indent(level + 1) + formatValue(item, level + 1))
    return `[\n${items.join(',\n')}\n${indent(level)}]`
  }
  if (!isValueMap(value)) return JSON.stringify(value)
  const entries = Object.entries(value)
  return formatObject(
    entries.map(([key, item]) => [key, formatValue(item, level + 1)]),
    level,
  )
}

function formatObject(entries: readonly (readonly [string, string])[], level: number): string {
  if (entries.length === 0) return '{}'
  const sorted = entries.toSorted(([a], [b]) => compareText(a, b))
  const lines = sorted.map(([key, text]) => `${indent(level + 1)}${JSON.stringify(key)}: ${text}`)
  return `{\n${lines.join(',\n')}\n${indent(level)}}`
}

function indent(level: number): string {
  return '    '.repeat(level)
}
