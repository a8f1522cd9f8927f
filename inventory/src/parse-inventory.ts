import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { arrangeGroups } from './arrange-groups.ts'
import { checkConnections } from './check-connections.ts'
import { type Draft, emptyDraft } from './draft.ts'
import type { Inventory } from './inventory.ts'
import { readGroup, readVariables } from './read-groups.ts'
import type { Variables } from './value.ts'
import { describeNode } from './yaml/node.ts'
import { readYaml } from './yaml/read-node.ts'
import { type Problems, type SourceFile, collectProblems } from './yaml/source.ts'

/** The files of an inventory: the file itself and those of `group_vars/` and `host_vars/`. */
export interface InventorySources {
  readonly inventory: SourceFile
  /** In the order in which Ansible reads them; of one group the last wins. */
  readonly groupVars: readonly { readonly group: string; readonly file: SourceFile }[]
  readonly hostVars: readonly { readonly host: string; readonly file: SourceFile }[]
}

/**
 * Reads an Ansible YAML inventory as ansible-core does, but where Ansible warns and goes on, or
 * quietly does something else than was meant, there is a problem. Never throws; all problems of all
 * files are collected. Files of group_vars/ for groups that do not exist are not an error, as in
 * Ansible.
 */
export function parseInventory(sources: InventorySources): Result<Inventory, readonly Problem[]> {
  const problems = collectProblems()
  const start = { file: sources.inventory.path, line: 1, column: 1 }
  const draft = emptyDraft(start)
  readGroups(draft, sources.inventory, problems)
  readVariableFiles(draft, sources, problems)
  checkSharedNames(draft, problems)
  const inventory =
    problems.list.length > 0 ? null : arrangeGroups(sources.inventory.path, draft, problems)
  if (inventory !== null) checkConnections(inventory, problems)
  return inventory === null || problems.list.length > 0 ? fail(problems.list) : ok(inventory)
}

function readGroups(draft: Draft, file: SourceFile, problems: Problems): void {
  const start = { file: file.path, line: 1, column: 1 }
  const { node, problems: found } = readYaml(file)
  for (const problem of found) problems.list.push(problem)
  if (found.length > 0) return
  if (node === null) {
    problems.add(
      start,
      'the inventory is empty',
      'Write a group such as "all:" with "hosts:" in it',
    )
    return
  }
  if (node.kind !== 'map') {
    problems.add(
      node.at,
      `the inventory is ${describeNode(node)}, not a mapping of groups`,
      'Start with "all:"',
    )
    return
  }
  const plugin = node.entries.get('plugin')
  if (plugin !== undefined) {
    problems.add(
      plugin.at,
      'inventory plugins are not supported',
      'Write the hosts down: ansible-inventory --list --yaml',
    )
    return
  }
  for (const [name, entry] of node.entries) {
    const isSection = name === 'hosts' || name === 'children' || name === 'vars'
    if (isSection && entry.node.kind === 'map') {
      problems.add(
        entry.at,
        `"${name}" stands at the top, where groups are expected`,
        'Put it inside "all:"',
      )
    } else readGroup({ draft, problems }, name, entry, 1)
  }
}

function readVariableFiles(draft: Draft, sources: InventorySources, problems: Problems): void {
  for (const { group, file } of sources.groupVars) {
    const target = draft.groups.get(group)
    if (target !== undefined) target.fileVariables = mergeFile(target.fileVariables, file, problems)
  }
  for (const { host, file } of sources.hostVars) {
    const target = draft.hosts.get(host)
    if (target !== undefined) target.fileVariables = mergeFile(target.fileVariables, file, problems)
  }
}

function mergeFile(before: Variables, file: SourceFile, problems: Problems): Variables {
  const { node, problems: found } = readYaml(file)
  for (const problem of found) problems.list.push(problem)
  if (node === null) return before
  if (node.kind !== 'map') {
    problems.add(
      node.at,
      `the file is ${describeNode(node)}, not a mapping of variables`,
      'Write "name: value" lines',
    )
    return before
  }
  return new Map([...before, ...readVariables(problems, node)])
}

/** Ansible gives the variables of such a host to the group, with no more than a warning. */
function checkSharedNames(draft: Draft, problems: Problems): void {
  for (const host of draft.hosts.values()) {
    if (draft.groups.has(host.name)) {
      problems.add(host.at, `"${host.name}" is both a host and a group`, 'Rename one of the two')
    }
  }
}
