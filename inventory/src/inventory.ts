/**
 * The fleet's hosts and groups as the Ansible inventory says. Plain data in a fixed order; every
 * question about it is a pure function. Nothing here opens a file.
 */
import type { Problem } from '@timeball/lib/problem.ts'
import { compareText } from './python/compare.ts'
import {
  type Key,
  type Position,
  type Value,
  type ValueMap,
  type Variable,
  type Variables,
  equalKey,
} from './value.ts'

export interface Inventory {
  /** The sources as the operator named them. */
  readonly path: string
  /** In the order in which Ansible meets them: `all`, `ungrouped`, then as written. */
  readonly groups: ReadonlyMap<string, Group>
  /** In the order in which they are written. */
  readonly hosts: ReadonlyMap<string, Host>
  /** Ansible's magic variable `groups`: each group's hosts, those of its children included. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** `members` as a value for templates. */
  readonly groupsVariable: ValueMap
  /** `group_vars/` and `host_vars/` beside the sources, then those beside the playbook. */
  readonly variableFiles: readonly VariableFiles[]
  /** The folder of the playbook as an absolute path, for templates. */
  readonly playbookDirectory: string
  /** What is there and is not read, as Ansible does not read it either. */
  readonly notes: readonly Problem[]
  /** Settings of Ansible's for connections, which count where devices are reached by Ansible. */
  readonly connectionNotes: readonly Problem[]
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
  /** From the sources. */
  readonly variables: Variables
}

export interface Host {
  readonly name: string
  /** Where it is written first. */
  readonly at: Position
  /** Every group that it is in, directly or not, from the weakest to the strongest. */
  readonly groups: readonly string[]
  /** The first source that has it, as an absolute path; empty when it is on the command line. */
  readonly source: string
  readonly variables: Variables
}

/** The files of one folder. */
export interface VariableFiles {
  readonly beside: 'inventory' | 'playbook'
  readonly groups: ReadonlyMap<string, Variables>
  readonly hosts: ReadonlyMap<string, Variables>
}

/**
 * The host's variables with Ansible's precedence (VARIABLE_PRECEDENCE): all and groups from the
 * sources, `all` from group_vars, groups from group_vars, the host, host_vars; of files those beside
 * the playbook win. An unknown host has none.
 */
export function variablesOf(inventory: Inventory, host: string): Variables {
  const found = inventory.hosts.get(host)
  if (found === undefined) return new Map()
  const merged = new Map(groupVariables(inventory, found.groups))
  merge(merged, found.variables)
  for (const files of inventory.variableFiles) merge(merged, files.hosts.get(host))
  return merged
}

/** Hosts of one group share the list of their groups, and so what they have from them. */
const shared = new WeakMap<Inventory, Map<readonly string[], Variables>>()

function groupVariables(inventory: Inventory, names: readonly string[]): Variables {
  const known = shared.get(inventory) ?? new Map<readonly string[], Variables>()
  shared.set(inventory, known)
  const before = known.get(names)
  if (before !== undefined) return before
  const merged = new Map<Key, Variable>()
  const own = names.filter((name) => name !== 'all')
  for (const name of ['all', ...own]) merge(merged, inventory.groups.get(name)?.variables)
  // Folder by folder: a weak group of the last source wins over a strong one of the first.
  for (const files of inventory.variableFiles) merge(merged, files.groups.get('all'))
  for (const files of inventory.variableFiles) {
    for (const name of own) merge(merged, files.groups.get(name))
  }
  known.set(names, merged)
  return merged
}

function merge(target: Map<Key, Variable>, layer: Variables | undefined): void {
  for (const [key, variable] of layer ?? []) target.set(equalKey(target, key) ?? key, variable)
}

/** The host's variables as they are written: templates are not resolved. */
export function hostVars(inventory: Inventory, host: string): ReadonlyMap<Key, Value> {
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
