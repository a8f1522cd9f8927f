/**
 * The fleet's hosts and groups as the Ansible inventory says. Plain data in a fixed order; every
 * question about it is a pure function. Nothing here opens a file.
 */
import type { Position, Value, ValueMap, Variables } from './value.ts'

export interface Inventory {
  /** The inventory file as the operator named it. */
  readonly path: string
  /** In the order in which Ansible meets them: `all`, `ungrouped`, then as written. */
  readonly groups: ReadonlyMap<string, Group>
  /** In the order in which they are written. */
  readonly hosts: ReadonlyMap<string, Host>
  /** Ansible's magic variable `groups`: each group's hosts, those of its children included. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** `members` as a value for templates. */
  readonly groupsVariable: ValueMap
}

export interface Group {
  readonly name: string
  /** The hosts written in this group itself. */
  readonly hosts: readonly string[]
  readonly children: readonly string[]
  readonly parents: readonly string[]
  /** Edges from `all` on the longest way; deeper groups win. */
  readonly depth: number
  /** `ansible_group_priority`; among groups of one depth the higher wins. */
  readonly priority: number
  /** From the inventory file. */
  readonly variables: Variables
  /** From `group_vars/`. */
  readonly fileVariables: Variables
}

export interface Host {
  readonly name: string
  /** Every group that it is in, directly or not, from the weakest to the strongest. */
  readonly groups: readonly string[]
  /** From the inventory file. */
  readonly variables: Variables
  /** From `host_vars/`. */
  readonly fileVariables: Variables
}

/**
 * The host's variables with Ansible's precedence (VARIABLE_PRECEDENCE): all and groups from the
 * inventory, all and groups from group_vars, the host, host_vars. An unknown host has none.
 */
export function variablesOf(inventory: Inventory, host: string): Variables {
  const found = inventory.hosts.get(host)
  const groups = (found?.groups ?? []).map((name) => inventory.groups.get(name))
  const layers: (Variables | undefined)[] = [
    ...groups.map((group) => group?.variables),
    ...groups.map((group) => group?.fileVariables),
    found?.variables,
    found?.fileVariables,
  ]
  return new Map(layers.flatMap((layer) => [...(layer ?? [])]))
}

/** The host's variables as they are written: templates are not resolved. */
export function hostVars(inventory: Inventory, host: string): ReadonlyMap<string, Value> {
  return new Map(
    [...variablesOf(inventory, host)].map(([name, variable]) => [name, variable.value]),
  )
}

/** Where the value that a host has for a variable is written; `null` when it has none. */
export function positionOf(inventory: Inventory, host: string, variable: string): Position | null {
  return variablesOf(inventory, host).get(variable)?.at ?? null
}

/** Ansible's `group_names`: the host's groups without `all`, by name. */
export function groupNames(inventory: Inventory, host: string): readonly string[] {
  const groups = inventory.hosts.get(host)?.groups ?? []
  return groups.filter((name) => name !== 'all').toSorted(compareText)
}

/** Python's order of texts: by code point. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const [left, right] = [Array.from(a), Array.from(b)]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
