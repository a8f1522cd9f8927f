/** The files of `group_vars/` and `host_vars/`, found as Ansible finds them. */
import { readdirSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { nearest } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail } from '@timeball/lib/result.ts'
import { compareText } from '../python/compare.ts'
import { type VariableDirectory, type VariableEntry, yamlExtensions } from '../sources/source.ts'
import type { SourceFile } from '../yaml/source.ts'
import { type Budget, readText } from './read-text.ts'

/** What one folder has; what is beside a source and beside the playbook is read once. */
export type Folder = Pick<VariableDirectory, 'groups' | 'hosts'> & {
  readonly notes: readonly Problem[]
}

export function readFolder(path: string, budget: Budget): Folder {
  const names = listFolder(path)
  const notes: Problem[] = []
  for (const name of names) {
    const near = nearest(name, ['group_vars', 'host_vars'])
    const full = join(path, name)
    if (near === null) continue
    const isFolder = kindOf(full) === 'folder'
    if (near === name && !isFolder) notes.push(note(full, 'this is no folder, so it is not read'))
    if (near !== name && isFolder && !names.includes(near))
      notes.push(note(full, `this is not read; it would be as ${near}`))
  }
  return {
    groups: readEntries(join(path, 'group_vars'), budget),
    hosts: readEntries(join(path, 'host_vars'), budget),
    notes,
  }
}

export function kindOf(path: string): 'file' | 'folder' | 'missing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'missing'
  }
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path).toSorted(compareText)
  } catch {
    return []
  }
}

function note(file: string, what: string): Problem {
  return { file, line: null, column: null, what, fix: null }
}

function readEntries(folder: string, budget: Budget): VariableEntry[] {
  const found: VariableEntry[] = []
  for (const entry of listFolder(folder)) {
    if (isHidden(entry)) continue
    const path = join(folder, entry)
    found.push({ entry, path, files: readEntry(path, budget, 0) })
  }
  return found
}

/** Hidden files and backups. */
function isHidden(entry: string): boolean {
  return entry.startsWith('.') || entry.endsWith('~')
}

type Files = Result<SourceFile, Problem>[]

/** DataLoader._get_dir_vars_files: sorted, without hidden files, backups and other extensions. */
function readEntry(path: string, budget: Budget, depth: number): Files {
  if (kindOf(path) !== 'folder') return [readText(path, budget)]
  if (depth > 10) {
    const fix = 'Look for a link that leads in a circle'
    return [fail({ ...note(path, 'folders are nested too deep'), fix })]
  }
  const found: Files = []
  for (const entry of listFolder(path)) {
    const extension = extname(entry)
    if (isHidden(entry)) continue
    const full = join(path, entry)
    const isFile = kindOf(full) === 'file'
    const isWanted = extension === '' || (isFile && yamlExtensions.includes(extension))
    if (isWanted) found.push(...readEntry(full, budget, depth + 1))
  }
  return found
}
