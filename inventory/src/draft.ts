import { type Key, type Position, type Value, type Variable, textOf } from './value.ts'
import type { Problems } from './yaml/source.ts'

/** An inventory while it is being read: the same things as in `inventory.ts`, still growing. */
export interface Draft {
  readonly groups: Map<string, DraftGroup>
  readonly hosts: Map<string, DraftHost>
}

export interface DraftGroup {
  readonly name: string
  readonly at: Position
  readonly hosts: Set<string>
  /** The children, and where each is made a child. */
  readonly children: Map<string, Position>
  readonly variables: Map<Key, Variable>
  priority: number
}

export interface DraftHost {
  readonly name: string
  readonly at: Position
  /** The source that has it first, as an absolute path. */
  readonly source: string
  readonly variables: Map<Key, Variable>
}

/** What reads one source into a draft. */
export interface SourceReader {
  readonly draft: Draft
  readonly problems: Problems
  /** The absolute path of the source. */
  readonly source: string
  /** The file was encrypted as a whole. */
  readonly isSecret: boolean
}

const mostHosts = 100_000
const mostGroups = 5000

/** Ansible's groups `all` and `ungrouped` exist before anything is read. */
export function emptyDraft(at: Position): Draft {
  const draft: Draft = { groups: new Map(), hosts: new Map() }
  for (const name of ['all', 'ungrouped']) draft.groups.set(name, newGroup(name, at))
  draft.groups.get('all')?.children.set('ungrouped', at)
  return draft
}

function newGroup(name: string, at: Position): DraftGroup {
  return {
    name,
    at,
    hosts: new Set(),
    children: new Map(),
    variables: new Map(),
    priority: 1,
  }
}

/** The group of that name, new if need be; `null`, and a problem, when there can be none. */
export function addGroup(reader: SourceReader, name: string, at: Position): DraftGroup | null {
  const { draft, problems } = reader
  const known = draft.groups.get(name)
  if (known !== undefined) return known
  if (name === '' || draft.groups.size >= mostGroups) {
    const what = name === '' ? 'a group has no name' : `there are more than ${mostGroups} groups`
    problems.add(at, what, name === '' ? 'Name it' : 'Use fewer groups')
    return null
  }
  const group = newGroup(name, at)
  draft.groups.set(name, group)
  return group
}

/** A host as it is written: in a group, with a port if its key has one. */
export interface WrittenHost {
  readonly name: string
  readonly port: number | null
  readonly at: Position
}

/** Adds a host to a group. Ansible takes the port of the key only when the host is new. */
export function addHost(reader: SourceReader, group: DraftGroup, host: WrittenHost): boolean {
  const { draft, problems, source, isSecret } = reader
  const { name, port, at } = host
  if (name === '' || (draft.hosts.size >= mostHosts && !draft.hosts.has(name))) {
    const what = name === '' ? 'a host has no name' : `there are more than ${mostHosts} hosts`
    problems.add(at, what, name === '' ? 'Name it' : 'Make the ranges smaller')
    return false
  }
  if (!draft.hosts.has(name)) {
    const variables = new Map<Key, Variable>()
    if (port !== null && port !== 0) {
      variables.set('ansible_port', { value: BigInt(port), at, isSecret })
    }
    draft.hosts.set(name, { name, at, source, variables })
  }
  group.hosts.add(name)
  return true
}

/** As in InventoryData.set_variable: of a host and a group with the same name the group gets it. */
export function setVariable(
  { draft, problems }: SourceReader,
  entity: string,
  key: Key,
  variable: Variable,
): void {
  const group = draft.groups.get(entity)
  if (group !== undefined && key === 'ansible_group_priority') {
    group.priority = readPriority(problems, variable)
  } else (group ?? draft.hosts.get(entity))?.variables.set(key, variable)
}

/** Python's `int()` of the value. */
function readPriority(problems: Problems, { value, at }: Variable): number {
  const priority = integerOf(value)
  if (priority !== null) return priority
  const fix = 'Write a number such as 10'
  problems.add(at, 'ansible_group_priority is not a whole number', fix)
  return 1
}

function integerOf(value: Value): number | null {
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : null
  const text = textOf(value)
  return text !== null && /^\s*[-+]?[0-9]{1,15}\s*$/.test(text) ? Number(text) : null
}
