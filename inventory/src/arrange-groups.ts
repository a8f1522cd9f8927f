/** How groups hang together: Ansible's depth, members and order, computed in linear time. */
import type { Draft, DraftGroup } from './draft.ts'
import type { Group, Host, Inventory } from './inventory.ts'
import { compareText } from './python/compare.ts'
import type { Key, Position, Value } from './value.ts'
import { deepestGroup } from './sources/yaml-groups.ts'
import type { Problems } from './yaml/source.ts'

export type Arranged = Pick<Inventory, 'groups' | 'hosts' | 'members' | 'groupsVariable'>

/** The groups of a draft; `null` when they contain themselves or are nested too deep. */
export function arrangeGroups(draft: Draft, problems: Problems): Arranged | null {
  if (parentsFirst(draft, problems) === null) return null
  attachToAll(draft)
  const moved = moveUngrouped(draft, problems)
  const order = parentsFirst(draft, problems)
  if (order === null) return null
  const parents = parentsOf(draft)
  const depths = depthsOf(draft, order)
  const deepest = order.find((name) => (depths.get(name) ?? 0) > deepestGroup)
  if (deepest !== undefined) {
    const at = draft.groups.get(deepest)?.at
    if (at)
      problems.add(
        at,
        `groups are nested deeper than ${deepestGroup}`,
        'Write the hierarchy flatter',
      )
    return null
  }

  const groups = new Map<string, Group>()
  for (const group of draft.groups.values()) {
    groups.set(
      group.name,
      finishGroup(group, parents.get(group.name) ?? [], depths.get(group.name) ?? 0),
    )
  }
  const members = new Map([...groups.keys()].map((name) => [name, membersOf(groups, name)]))
  const groupsVariable = new Map<Key, Value>(members)
  return { groups, hosts: finishHosts({ draft, groups, order, moved }), members, groupsVariable }
}

function finishGroup(group: DraftGroup, parents: readonly string[], depth: number): Group {
  const { name, priority, variables } = group
  const children = [...group.children.keys()]
  return {
    name,
    hosts: [...group.hosts],
    children,
    parents,
    depth,
    priority,
    variables,
  }
}

/** Ansible hangs groups without a parent under `all`, in the order of their first mention. */
function attachToAll(draft: Draft): void {
  const all = draft.groups.get('all')
  const parents = parentsOf(draft)
  for (const group of draft.groups.values()) {
    if (group.name !== 'all' && !parents.has(group.name)) all?.children.set(group.name, group.at)
  }
}

/**
 * `ungrouped` has exactly the hosts that are in no other group, `all` aside. The result are the hosts
 * that it had: they are not in it any more, not even through a group that is its child.
 */
function moveUngrouped(draft: Draft, problems: Problems): ReadonlySet<string> {
  const ungrouped = draft.groups.get('ungrouped')?.hosts ?? new Set()
  const grouped = groupedHosts(draft, problems)
  const moved = new Set<string>()
  for (const { name, at } of draft.hosts.values()) {
    if (grouped.has(name)) {
      if (ungrouped.delete(name)) moved.add(name)
    } else if (draft.groups.has(name) && !ungrouped.has(name)) {
      // InventoryData.add_child looks for a group of that name first.
      for (const host of addNamesake(draft, name, at)) moved.delete(host)
    } else ungrouped.add(name)
  }
  return moved
}

function groupedHosts(draft: Draft, problems: Problems): ReadonlySet<string> {
  const grouped = new Set<string>()
  for (const group of draft.groups.values()) {
    if (group.name === 'all' || group.name === 'ungrouped') continue
    for (const host of group.hosts) grouped.add(host)
    const at = group.children.get('ungrouped')
    if (at) problems.add(at, '"ungrouped" cannot be the child of a group', 'Remove it')
  }
  return grouped
}

/** Makes the group a child of `ungrouped`; the result are the hosts that are in it again. */
function addNamesake(draft: Draft, name: string, at: Position): readonly string[] {
  const children = draft.groups.get('ungrouped')?.children
  if (children === undefined || children.has(name) || name === 'ungrouped') return []
  children.set(name, at)
  const groups = new Set([name])
  for (const each of groups) {
    for (const child of draft.groups.get(each)?.children.keys() ?? []) groups.add(child)
  }
  return [...groups].flatMap((each) => [...(draft.groups.get(each)?.hosts ?? [])])
}

function parentsOf(draft: Draft): Map<string, string[]> {
  const parents = new Map<string, string[]>()
  for (const group of draft.groups.values()) {
    for (const child of group.children.keys()) {
      const known = parents.get(child)
      if (known === undefined) parents.set(child, [group.name])
      else known.push(group.name)
    }
  }
  return parents
}

/** The groups with each parent before its children; `null` and a problem when there is a cycle. */
function parentsFirst(draft: Draft, problems: Problems): string[] | null {
  const state = new Map<string, 'open' | 'done'>()
  const order: string[] = []
  const visit = (group: DraftGroup): boolean => {
    state.set(group.name, 'open')
    for (const [name, at] of group.children) {
      const child = draft.groups.get(name)
      const isCycle = name === 'all' || state.get(name) === 'open'
      if (isCycle) {
        problems.add(
          at,
          `the group "${name}" contains itself through "${group.name}"`,
          'Remove one of the two children entries',
        )
        return false
      }
      if (child !== undefined && state.get(name) === undefined && !visit(child)) return false
    }
    state.set(group.name, 'done')
    order.push(group.name)
    return true
  }
  for (const group of draft.groups.values()) {
    if (state.get(group.name) === undefined && !visit(group)) return null
  }
  return order.toReversed()
}

/** The longest way from `all`; groups that hang nowhere else are its children. */
function depthsOf(draft: Draft, order: readonly string[]): Map<string, number> {
  const depths = new Map<string, number>()
  for (const name of order) {
    const depth = depths.get(name) ?? (name === 'all' ? 0 : 1)
    depths.set(name, depth)
    for (const child of draft.groups.get(name)?.children.keys() ?? []) {
      depths.set(child, Math.max(depths.get(child) ?? 0, depth + 1))
    }
  }
  return depths
}

/** The group's hosts and those of its descendants, level by level as in Group._get_hosts. */
function membersOf(groups: ReadonlyMap<string, Group>, name: string): string[] {
  const queue = new Set([name])
  const hosts = new Set<string>()
  for (const each of queue) {
    const group = groups.get(each)
    for (const host of group?.hosts ?? []) hosts.add(host)
    for (const child of group?.children ?? []) queue.add(child)
  }
  return [...hosts]
}

interface Finishing {
  readonly draft: Draft
  readonly groups: ReadonlyMap<string, Group>
  readonly order: readonly string[]
  readonly moved: ReadonlySet<string>
}

function finishHosts({ draft, groups, order, moved }: Finishing): Map<string, Host> {
  const ancestors = ancestorsOf(groups, order)
  const found = new Map<string, Set<string>>()
  for (const group of groups.values()) {
    for (const host of group.hosts) {
      const own = found.get(host) ?? new Set(['all'])
      own.add(group.name)
      for (const ancestor of ancestors.get(group.name) ?? []) own.add(ancestor)
      found.set(host, own)
    }
  }
  for (const host of moved) found.get(host)?.delete('ungrouped')
  // Hosts of one group share a list: sorting once per distinct set keeps large fleets fast.
  const sorted = new Map<string, readonly string[]>()
  const hosts = new Map<string, Host>()
  for (const { name, at, source, variables } of draft.hosts.values()) {
    const own = [...(found.get(name) ?? ['all'])]
    const key = own.join('/')
    const list = sorted.get(key) ?? weakestFirst(groups, own)
    sorted.set(key, list)
    hosts.set(name, { name, at, groups: list, source, variables })
  }
  return hosts
}

function ancestorsOf(
  groups: ReadonlyMap<string, Group>,
  order: readonly string[],
): Map<string, Set<string>> {
  const ancestors = new Map<string, Set<string>>()
  for (const name of order) {
    const own = new Set<string>()
    for (const parent of groups.get(name)?.parents ?? []) {
      own.add(parent)
      for (const ancestor of ancestors.get(parent) ?? []) own.add(ancestor)
    }
    ancestors.set(name, own)
  }
  return ancestors
}

/** Ansible's sort_groups: depth, then priority, then name; `all` always first. */
function weakestFirst(groups: ReadonlyMap<string, Group>, names: readonly string[]): string[] {
  const rank = (name: string) => groups.get(name) ?? { depth: 0, priority: 1 }
  return names.toSorted((a, b) => {
    if (a === 'all' || b === 'all') return a === b ? 0 : a === 'all' ? -1 : 1
    const [left, right] = [rank(a), rank(b)]
    return left.depth - right.depth || left.priority - right.priority || compareText(a, b)
  })
}
