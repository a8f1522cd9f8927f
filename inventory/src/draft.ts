import type { Position, Variable, Variables } from './value.ts'

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
  readonly variables: Map<string, Variable>
  priority: number
  fileVariables: Variables
}

export interface DraftHost {
  readonly name: string
  readonly at: Position
  readonly variables: Map<string, Variable>
  fileVariables: Variables
}

/** Ansible's groups `all` and `ungrouped` exist before anything is read. */
export function emptyDraft(at: Position): Draft {
  const draft: Draft = { groups: new Map(), hosts: new Map() }
  addGroup(draft, 'all', at).children.set('ungrouped', at)
  addGroup(draft, 'ungrouped', at)
  return draft
}

export function addGroup(draft: Draft, name: string, at: Position): DraftGroup {
  const known = draft.groups.get(name)
  if (known !== undefined) return known
  const group: DraftGroup = {
    name,
    at,
    hosts: new Set(),
    children: new Map(),
    variables: new Map(),
    priority: 1,
    fileVariables: new Map(),
  }
  draft.groups.set(name, group)
  return group
}

export function addHost(draft: Draft, name: string, at: Position): DraftHost {
  const known = draft.hosts.get(name)
  if (known !== undefined) return known
  const host: DraftHost = { name, at, variables: new Map(), fileVariables: new Map() }
  draft.hosts.set(name, host)
  return host
}
