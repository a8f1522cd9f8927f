/** The inventory as `ansible-inventory` of ansible-core 2.14 prints it (cli/inventory.py). */
import { type Inventory, variablesOf } from './inventory.ts'
import { formatJson } from './python/json.ts'
import {
  type Encrypted,
  type Key,
  type Value,
  type ValueMap,
  isTagged,
  isValueList,
  isValueMap,
} from './value.ts'

/** Encrypts a text that was in a file which is encrypted as a whole. */
export type SealText = (text: string) => string

/** As `ansible-inventory` does it: such texts are shown. */
const showClear = null

/** `ansible-inventory --list`: groups, and each host's variables under `_meta`. */
export function formatList(inventory: Inventory, seal: SealText | null = showClear): string {
  const top = new Map<Key, Value>()
  listGroup(inventory, 'all', top, new Set())
  const hosts = new Map<Key, Value>()
  for (const host of inventory.members.get('all') ?? []) {
    const variables = shownVariables(inventory, host, seal)
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
export function formatHost(
  inventory: Inventory,
  host: string,
  seal: SealText | null = showClear,
): string {
  return `${formatJson(shownVariables(inventory, host, seal))}\n`
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

/** Whether a host has a variable from a file that is encrypted as a whole. */
export function hasSecrets(inventory: Inventory): boolean {
  return inventory.hosts.keys().some((host) =>
    variablesOf(inventory, host)
      .values()
      .some(({ isSecret }) => isSecret),
  )
}

function shownVariables(inventory: Inventory, host: string, seal: SealText | null): ValueMap {
  const shown = [...variablesOf(inventory, host)].filter(
    ([key]) => typeof key !== 'string' || !internalVariables.has(key),
  )
  return new Map(
    shown.map(([key, { value, isSecret }]) => [
      key,
      isSecret && seal !== null ? sealed(value, seal) : value,
    ]),
  )
}

/** Texts, at any depth; Ansible decrypts them when it uses them. Numbers and the like stay. */
function sealed(value: Value, seal: SealText): Value {
  if (typeof value === 'string') return encrypted(value, seal)
  if (isValueList(value)) return value.map((each) => sealed(each, seal))
  if (isValueMap(value)) return new Map([...value].map(([key, each]) => [key, sealed(each, seal)]))
  return isTagged(value) && value.kind === 'unsafe' ? encrypted(value.text, seal) : value
}

function encrypted(text: string, seal: SealText): Encrypted {
  return { kind: 'vault', text: seal(text) }
}
