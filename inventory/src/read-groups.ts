/** The groups of an inventory file, read in the order of Ansible's plugins/inventory/yaml.py. */
import { isPort } from '@timeball/lib/address.ts'
import { nearest } from '@timeball/lib/nearest.ts'
import { type Draft, type DraftGroup, addGroup, addHost } from './draft.ts'
import { expandHostKey } from './host-ranges.ts'
import { nameMistake } from './names.ts'
import type { Position, Value } from './value.ts'
import {
  type Entry,
  type MapNode,
  type Node,
  describeNode,
  entryVariable,
  isNull,
} from './yaml/node.ts'
import type { Problems } from './yaml/source.ts'

export interface GroupReader {
  readonly draft: Draft
  readonly problems: Problems
}

/** Groups may be written inside each other this deep. */
export const deepestGroup = 20

const mostHosts = 100_000
const mostGroups = 5000

/** Reads one group and the groups inside it; `null` when it is not a group. */
export function readGroup(
  reader: GroupReader,
  name: string,
  entry: Entry,
  depth: number,
): DraftGroup | null {
  const { problems } = reader
  if (entry.keyType === 'other') {
    problems.add(
      entry.at,
      `YAML does not read the group name ${name} as text`,
      `Quote it: "${name}"`,
    )
    return null
  }
  const mistake = nameMistake(name)
  if (mistake !== null) {
    problems.add(entry.at, `the group name "${name}" ${mistake}`, 'Rename the group')
    return null
  }
  if (depth > deepestGroup) {
    problems.add(
      entry.at,
      `groups are nested deeper than ${deepestGroup}`,
      'Write the hierarchy flatter',
    )
    return null
  }
  if (reader.draft.groups.size >= mostGroups && !reader.draft.groups.has(name)) {
    problems.add(entry.at, `the inventory has more than ${mostGroups} groups`, 'Use fewer groups')
    return null
  }
  const group = addGroup(reader.draft, name, entry.at)
  if (isNull(entry.node)) return group
  if (entry.node.kind !== 'map') {
    problems.add(
      entry.node.at,
      `the group "${name}" is ${describeNode(entry.node)}`,
      'A group has hosts, children and vars',
    )
    return group
  }
  for (const [key, section] of entry.node.entries)
    readSection(reader, group, { key, section, depth })
  return group
}

interface Section {
  readonly key: string
  readonly section: Entry
  readonly depth: number
}

function readSection(
  reader: GroupReader,
  group: DraftGroup,
  { key, section, depth }: Section,
): void {
  if (key === 'vars') readGroupVariables(reader, group, section)
  else if (key === 'children') readChildren(reader, group, section, depth)
  else if (key === 'hosts') readHosts(reader, group, section)
  else {
    const near = nearest(key, ['hosts', 'children', 'vars'])
    const fix =
      near === null ? 'Move a variable under vars:, a group under children:' : `Write ${near}:`
    reader.problems.add(section.at, `"${key}" is not part of a group (${group.name})`, fix)
  }
}

function readGroupVariables(reader: GroupReader, group: DraftGroup, section: Entry): void {
  for (const [name, entry] of mappingOf(reader, section, `the vars of "${group.name}"`)) {
    if (!checkVariable(reader.problems, name, entry)) continue
    const variable = entryVariable(entry)
    if (name !== 'ansible_group_priority') group.variables.set(name, variable)
    else group.priority = readPriority(reader, variable.value, variable.at)
  }
}

function readPriority(reader: GroupReader, value: Value, at: Position): number {
  const isDigits = typeof value === 'string' && /^[-+]?[0-9]{1,9}$/.test(value)
  const priority =
    typeof value === 'number' || typeof value === 'boolean' || isDigits ? Number(value) : Number.NaN
  if (Number.isFinite(priority)) return Math.trunc(priority)
  reader.problems.add(
    at,
    'ansible_group_priority is not a whole number',
    'Write a number such as 10',
  )
  return 1
}

function readChildren(reader: GroupReader, group: DraftGroup, section: Entry, depth: number): void {
  for (const [name, entry] of mappingOf(reader, section, `the children of "${group.name}"`)) {
    const child = readGroup(reader, name, entry, depth + 1)
    if (child === null || group.children.has(child.name)) continue
    if (group.name === 'ungrouped') {
      reader.problems.add(
        entry.at,
        'the group "ungrouped" cannot have children',
        'Choose another name',
      )
    } else group.children.set(child.name, entry.at)
  }
}

function readHosts(reader: GroupReader, group: DraftGroup, section: Entry): void {
  for (const [key, entry] of mappingOf(reader, section, `the hosts of "${group.name}"`)) {
    readHostKey(reader, group, key, entry)
  }
}

function readHostKey(reader: GroupReader, group: DraftGroup, key: string, entry: Entry): void {
  const { problems } = reader
  if (entry.keyType === 'other') {
    problems.add(entry.at, `YAML does not read the host name ${key} as text`, `Quote it: "${key}"`)
    return
  }
  const expanded = expandHostKey(key)
  if (!expanded.ok) {
    problems.add(entry.at, expanded.failure.what, expanded.failure.fix)
    return
  }
  const variables = readHostVariables(reader, key, entry.node)
  const { names, port } = expanded.value
  if (port !== null && !isPort(port)) {
    problems.add(entry.at, `${port} is not a port`, 'Ports are 1 to 65535')
  }
  for (const name of names) {
    if (!checkHostName(reader, name, entry.at)) return
    const isNew = !reader.draft.hosts.has(name)
    const host = addHost(reader.draft, name, entry.at)
    group.hosts.add(name)
    // Ansible takes the port of the key only when the host is new.
    if (isNew && port !== null) {
      host.variables.set('ansible_port', { value: port, at: entry.at, written: 'other' })
    }
    for (const [variable, value] of variables) host.variables.set(variable, value)
  }
}

function checkHostName(reader: GroupReader, name: string, at: Position): boolean {
  const mistake = nameMistake(name)
  if (mistake !== null) {
    const fix = name.includes(':')
      ? 'Give it a name and write the address as ansible_host'
      : 'Rename the host'
    reader.problems.add(at, `the host name "${name}" ${mistake}`, fix)
    return false
  }
  if (reader.draft.hosts.size < mostHosts || reader.draft.hosts.has(name)) return true
  reader.problems.add(
    at,
    `the inventory has more than ${mostHosts} hosts`,
    'Make the ranges smaller',
  )
  return false
}

function readHostVariables(
  reader: GroupReader,
  host: string,
  node: Node,
): ReturnType<typeof readVariables> {
  if (isNull(node)) return new Map()
  if (node.kind === 'map') return readVariables(reader.problems, node)
  const what = `the variables of the host "${host}" are ${describeNode(node)}, not a mapping`
  reader.problems.add(node.at, what, 'Write "name: value" lines under the host')
  return new Map()
}

/** The variables of a mapping; names that are not text are problems. */
export function readVariables(
  problems: Problems,
  node: MapNode,
): Map<string, ReturnType<typeof entryVariable>> {
  const sound = [...node.entries].filter(([name, entry]) => checkVariable(problems, name, entry))
  return new Map(sound.map(([name, entry]) => [name, entryVariable(entry)]))
}

function checkVariable(problems: Problems, name: string, entry: Entry): boolean {
  if (entry.keyType === 'other') {
    problems.add(
      entry.at,
      `YAML does not read the variable name ${name} as text`,
      `Quote it: "${name}"`,
    )
    return false
  }
  if (!isDeeperThan(entry.node, deepestGroup)) return true
  problems.add(
    entry.at,
    `the value of "${name}" is nested deeper than ${deepestGroup}`,
    'Write it flatter',
  )
  return false
}

function isDeeperThan(node: Node, levels: number): boolean {
  if (node.kind === 'scalar') return false
  if (levels === 0) return true
  const inner =
    node.kind === 'list' ? node.items : [...node.entries.values()].map((entry) => entry.node)
  return inner.some((each) => isDeeperThan(each, levels - 1))
}

/** The entries of `hosts`, `children` or `vars`; a single name may stand for itself. */
function mappingOf(
  reader: GroupReader,
  section: Entry,
  title: string,
): Iterable<readonly [string, Entry]> {
  const { node } = section
  if (isNull(node)) return []
  if (node.kind === 'map') return node.entries
  const isName = node.kind === 'scalar' && typeof node.value === 'string' && node.value !== ''
  if (isName && typeof node.value === 'string' && !title.startsWith('the vars')) {
    const empty: Node = { kind: 'scalar', value: null, written: 'other', at: node.at }
    return [[node.value, { at: node.at, node: empty, keyType: 'text' }]]
  }
  const fix =
    node.kind === 'list' ? 'Write "name:" instead of "- name"' : 'Write "name: value" lines'
  reader.problems.add(node.at, `${title} are ${describeNode(node)}, not a mapping`, fix)
  return []
}
