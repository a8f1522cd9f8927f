/** The groups of a YAML inventory, read in the order of Ansible's plugins/inventory/yaml.py. */
import { nearest } from '@timeball/lib/nearest.ts'
import { type DraftGroup, type SourceReader, addGroup, addHost, setVariable } from '../draft.ts'
import { expandHostKey } from '../host-ranges.ts'
import { pythonText } from '../python/format.ts'
import type { Key, Variable } from '../value.ts'
import {
  type Entry,
  type MapNode,
  type Node,
  describeNode,
  entryVariable,
  isNull,
} from '../yaml/node.ts'

/** Groups may be written inside each other this deep. */
export const deepestGroup = 20

/** Reads the groups that stand at the top of a file. */
export function readGroups(reader: SourceReader, top: MapNode): void {
  for (const [name, entry] of top.entries) {
    const isSection = name === 'hosts' || name === 'children' || name === 'vars'
    if (isSection && entry.node.kind === 'map') {
      const what = `"${name}" stands at the top, where groups are expected`
      reader.problems.add(entry.at, what, 'Put it inside "all:"')
    } else readGroup(reader, name, entry, 1)
  }
}

/** Reads one group and the groups inside it; `null` when it is not a group. */
function readGroup(
  reader: SourceReader,
  name: Key,
  entry: Entry,
  depth: number,
): DraftGroup | null {
  const { problems } = reader
  if (typeof name !== 'string') {
    const what = `YAML does not read the group name ${pythonText(name)} as text`
    problems.add(entry.at, what, `Quote it: "${pythonText(name)}"`)
    return null
  }
  if (depth > deepestGroup) {
    const what = `groups are nested deeper than ${deepestGroup}`
    problems.add(entry.at, what, 'Write the hierarchy flatter')
    return null
  }
  const group = addGroup(reader, name, entry.at)
  if (group === null || isNull(entry.node)) return group
  if (entry.node.kind !== 'map') {
    const what = `the group "${name}" is ${describeNode(entry.node)}`
    problems.add(entry.node.at, what, 'A group has hosts, children and vars')
    return group
  }
  for (const [key, section] of entry.node.entries)
    readSection(reader, group, { key, section, depth })
  return group
}

interface Section {
  readonly key: Key
  readonly section: Entry
  readonly depth: number
}

function readSection(
  reader: SourceReader,
  group: DraftGroup,
  { key, section, depth }: Section,
): void {
  if (key === 'vars') readGroupVariables(reader, group, section)
  else if (key === 'children') readChildren(reader, group, section, depth)
  else if (key === 'hosts') readHosts(reader, group, section)
  else {
    const word = pythonText(key)
    const near = nearest(word, ['hosts', 'children', 'vars'])
    const fix =
      near === null ? 'Move a variable under vars:, a group under children:' : `Write ${near}:`
    reader.problems.add(section.at, `"${word}" is not part of a group (${group.name})`, fix)
  }
}

function readGroupVariables(reader: SourceReader, group: DraftGroup, section: Entry): void {
  for (const [name, entry] of mappingOf(reader, section, `the vars of "${group.name}"`)) {
    if (!isSound(reader, name, entry)) continue
    setVariable(reader, group.name, name, entryVariable(entry, reader.isSecret))
  }
}

function readChildren(
  reader: SourceReader,
  group: DraftGroup,
  section: Entry,
  depth: number,
): void {
  for (const [name, entry] of mappingOf(reader, section, `the children of "${group.name}"`)) {
    const child = readGroup(reader, name, entry, depth + 1)
    if (child === null || group.children.has(child.name)) continue
    group.children.set(child.name, entry.at)
  }
}

function readHosts(reader: SourceReader, group: DraftGroup, section: Entry): void {
  for (const [key, entry] of mappingOf(reader, section, `the hosts of "${group.name}"`)) {
    readHostKey(reader, group, key, entry)
  }
}

function readHostKey(reader: SourceReader, group: DraftGroup, key: Key, entry: Entry): void {
  const { problems } = reader
  if (typeof key !== 'string') {
    const what = `YAML does not read the host name ${pythonText(key)} as text`
    problems.add(entry.at, what, `Quote it: "${pythonText(key)}"`)
    return
  }
  const expanded = expandHostKey(key)
  if (!expanded.ok) {
    problems.add(entry.at, expanded.failure.what, expanded.failure.fix)
    return
  }
  const variables = readHostVariables(reader, key, entry.node)
  const { names, port } = expanded.value
  for (const name of names) {
    if (!addHost(reader, group, { name, port, at: entry.at })) return
    for (const [variable, value] of variables) setVariable(reader, name, variable, value)
  }
}

function readHostVariables(
  reader: SourceReader,
  host: string,
  node: Node,
): ReadonlyMap<Key, Variable> {
  if (isNull(node)) return new Map()
  if (node.kind === 'map') return readVariables(reader, node)
  const what = `the variables of the host "${host}" are ${describeNode(node)}, not a mapping`
  reader.problems.add(node.at, what, 'Write "name: value" lines under the host')
  return new Map()
}

type Judged = Pick<SourceReader, 'problems' | 'isSecret'>

/** The variables of a mapping. */
export function readVariables(reader: Judged, node: MapNode): Map<Key, Variable> {
  const sound = [...node.entries].filter(([name, entry]) => isSound(reader, name, entry))
  return new Map(sound.map(([name, entry]) => [name, entryVariable(entry, reader.isSecret)]))
}

function isSound({ problems }: Judged, name: Key, entry: Entry): boolean {
  if (!isDeeperThan(entry.node, deepestGroup)) return true
  const what = `the value of "${pythonText(name)}" is nested deeper than ${deepestGroup}`
  problems.add(entry.at, what, 'Write it flatter')
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
  reader: SourceReader,
  section: Entry,
  title: string,
): Iterable<readonly [Key, Entry]> {
  const { node } = section
  if (isNull(node)) return []
  if (node.kind === 'map') return node.entries
  const isName = node.kind === 'scalar' && typeof node.value === 'string' && node.value !== ''
  if (isName && typeof node.value === 'string' && !title.startsWith('the vars')) {
    const empty: Node = { kind: 'scalar', value: null, at: node.at }
    return [[node.value, { at: node.at, node: empty }]]
  }
  const fix =
    node.kind === 'list' ? 'Write "name:" instead of "- name"' : 'Write "name: value" lines'
  reader.problems.add(node.at, `${title} are ${describeNode(node)}, not a mapping`, fix)
  return []
}
