import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { arrangeGroups } from './arrange-groups.ts'
import { type Draft, emptyDraft } from './draft.ts'
import type { Inventory } from './inventory.ts'
import { clearFile } from './sources/clear-file.ts'
import { readNames, readSource } from './sources/read-source.ts'
import type { InventorySources, Source } from './sources/source.ts'
import { type Decrypt, noPassword } from './encrypted-text.ts'
import { readVariableFiles } from './variable-files.ts'
import { type Problems, collectProblems } from './yaml/source.ts'

/**
 * Reads the sources of an inventory as ansible-core does, but where Ansible warns and goes on, or
 * quietly does something else than was meant, there is a problem. Never throws; all problems of all
 * files are collected. What Ansible leaves unread is in the inventory's notes.
 */
export function parseInventory(
  sources: InventorySources,
  decrypt: Decrypt = noPassword,
): Result<Inventory, readonly Problem[]> {
  const problems = collectProblems()
  const path = sources.sources.map(nameOf).join(', ')
  const draft = emptyDraft({ file: path, line: 1, column: 1 })
  for (const source of sources.sources) readOne({ draft, problems, decrypt }, source)
  const names = { groups: draft.groups.keys(), hosts: draft.hosts.keys() }
  const { files, notes } = readVariableFiles(sources.directories, names, { problems, decrypt })
  const arranged = problems.list.length > 0 ? null : arrangeGroups(draft, problems)
  if (arranged === null) return fail(problems.list)
  const { playbookDirectory } = sources
  const inventory = { ...arranged, path, variableFiles: files, notes, playbookDirectory }
  return ok({ ...inventory, connectionNotes: [] })
}

function nameOf(source: Source): string {
  return source.kind === 'file'
    ? source.file.path
    : source.kind === 'names'
      ? source.text
      : source.path
}

interface Reading {
  readonly draft: Draft
  readonly problems: Problems
  readonly decrypt: Decrypt
}

function readOne({ draft, problems, decrypt }: Reading, source: Source): void {
  switch (source.kind) {
    case 'names':
      return readNames({ draft, problems, source: '', isSecret: false }, source.text)
    case 'foreign': {
      const at = { file: source.path, line: 1, column: 1 }
      problems.add(at, `this is ${source.what}`, 'Only Ansible itself can read it')
      return
    }
    case 'file': {
      const clear = clearFile(source.file, { problems, decrypt })
      if (clear !== null) readSource({ draft, source: source.absolute, ...clear }, clear.file)
    }
  }
}
