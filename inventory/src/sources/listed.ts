/** What `ansible-inventory --list` prints, as an inventory: for sources that only Ansible can read. */
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { arrangeGroups } from '../arrange-groups.ts'
import { type DraftGroup, type SourceReader, addGroup, addHost, emptyDraft } from '../draft.ts'
import type { Inventory } from '../inventory.ts'
import { readLiteral } from '../python/literal.ts'
import { type Value, type ValueMap, isValueMap, itemsOf } from '../value.ts'
import { collectProblems } from '../yaml/source.ts'

export interface ListedInventory {
  /** The sources as the operator named them. */
  readonly path: string
  readonly text: string
  readonly playbookDirectory: string
}

/**
 * The variables of each host are those that it has in the end: what group or file they come from is
 * not known any more, so every place is the source.
 */
export function readListed(listed: ListedInventory): Result<Inventory, readonly Problem[]> {
  const { path, playbookDirectory } = listed
  const at = { file: path, line: 1, column: 1 }
  const problems = collectProblems()
  const draft = emptyDraft(at)
  const reader: SourceReader = { draft, problems, source: '', isSecret: false }
  const reading = readLiteral(listed.text.trim(), 'json')
  const top = reading.kind === 'value' ? reading.value : null
  if (isValueMap(top)) readAll(reader, top, path)
  else problems.add(at, 'ansible-inventory prints no JSON for it', null)
  const arranged = problems.list.length > 0 ? null : arrangeGroups(draft, problems)
  if (arranged === null) return fail(problems.list)
  return ok({
    ...arranged,
    path,
    playbookDirectory,
    variableFiles: [],
    notes: [],
    connectionNotes: [],
  })
}

function readAll(reader: SourceReader, top: ValueMap, path: string): void {
  const at = { file: path, line: 1, column: 1 }
  const waiting = ['all']
  const seen = new Set<string>()
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (seen.has(name)) continue
    seen.add(name)
    const group = addGroup(reader, name, at)
    const entry = top.get(name)
    if (group === null || !isValueMap(entry)) continue
    for (const host of textsIn(entry.get('hosts')))
      addHost(reader, group, { name: host, port: null, at })
    for (const child of textsIn(entry.get('children'))) {
      addChild(group, child, path)
      waiting.push(child)
    }
  }
  readHostVariables(reader, top.get('_meta'), path)
}

function readHostVariables({ draft }: SourceReader, meta: Value | undefined, file: string): void {
  const hostvars = isValueMap(meta) ? meta.get('hostvars') : undefined
  const at = { file, line: 1, column: 1 }
  for (const [host, variables] of isValueMap(hostvars) ? hostvars : []) {
    const known = typeof host === 'string' ? draft.hosts.get(host) : undefined
    for (const [key, value] of isValueMap(variables) ? variables : []) {
      known?.variables.set(key, { value: restore(value), at, isSecret: false })
    }
  }
}

function addChild(group: DraftGroup, child: string, file: string): void {
  if (!group.children.has(child)) group.children.set(child, { file, line: 1, column: 1 })
}

function textsIn(value: Value | undefined): string[] {
  return (itemsOf(value) ?? []).filter((item) => typeof item === 'string')
}

/** Encrypted and unsafe texts in the form that JSON has them in. */
function restore(value: Value): Value {
  const items = itemsOf(value)
  if (items !== null) return items.map(restore)
  if (!isValueMap(value)) return value
  const vault = value.get('__ansible_vault')
  const unsafe = value.get('__ansible_unsafe')
  if (typeof vault === 'string') return { kind: 'vault', text: vault }
  if (typeof unsafe === 'string') return { kind: 'unsafe', text: unsafe }
  return new Map([...value].map(([key, item]) => [key, restore(item)]))
}
