/** The sources of an inventory on disk, found as Ansible's inventory/manager.py finds them. */
import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { compareText } from '../python/compare.ts'
import { foreignKind } from '../sources/foreign.ts'
import type { InventorySources, Source, VariableDirectory } from '../sources/source.ts'
import { type Folder, kindOf, readFolder } from './find-variables.ts'
import { type Budget, readText } from './read-text.ts'

export interface SourceRequest {
  /** Each as after `-i`: a file, a folder, or names with commas. */
  readonly sources: readonly string[]
  /** Where the playbook would be. */
  readonly playbookDirectory: string
  /** `skip`: for who wants names only. */
  readonly variables?: 'read' | 'skip'
}

export interface FoundSources {
  readonly sources: InventorySources
  /** Files and folders that Ansible leaves unread where one might think otherwise. */
  readonly notes: readonly Problem[]
}

/** Paths in the result begin as they were named. */
export function readInventorySources(
  request: SourceRequest,
): Result<FoundSources, readonly Problem[]> {
  const reading: Reading = { problems: [], notes: [], sources: [], budget: { used: 0 } }
  for (const source of request.sources) readNamed(reading, source)
  const directories = request.variables === 'skip' ? [] : readFolders(reading, request)
  if (reading.problems.length > 0) return fail(reading.problems)
  const { sources, notes } = reading
  const playbookDirectory = resolve(request.playbookDirectory)
  return ok({ sources: { sources, directories, playbookDirectory }, notes })
}

interface Reading {
  readonly problems: Problem[]
  readonly notes: Problem[]
  readonly sources: Source[]
  readonly budget: Budget
}

function readNamed(reading: Reading, source: string): void {
  const kind = kindOf(source)
  if (kind === 'folder') {
    const before = reading.sources.length + reading.problems.length
    readSourceFolder(reading, source, 0)
    if (reading.sources.length + reading.problems.length > before) return
    const fix = 'Name the file with -i, or put one there, such as hosts or inventory.yml'
    reading.problems.push(problem(source, 'the folder has no inventory', fix))
  } else if (kind === 'file') readFile(reading, source)
  else if (source.includes(',')) reading.sources.push({ kind: 'names', text: source })
  else reading.problems.push(problem(source, 'there is no such inventory', 'Name it with -i FILE'))
}

/** Ansible's IGNORED: what a folder of sources may have besides. */
const ignored =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|retry|orig|ini|cfg)$|~$/

function readSourceFolder(reading: Reading, folder: string, depth: number): void {
  if (depth > 10) {
    const fix = 'Look for a link that leads in a circle'
    reading.problems.push(problem(folder, 'folders are nested too deep', fix))
    return
  }
  for (const entry of readdirSync(folder).toSorted(compareText)) {
    const path = join(folder, entry)
    if (ignored.test(entry)) {
      const what = 'Ansible reads no .ini file in a folder of inventories'
      if (entry.endsWith('.ini')) reading.notes.push(problem(path, what, `Name it: -i ${path}`))
    } else if (kindOf(path) === 'folder') readSourceFolder(reading, path, depth + 1)
    else readFile(reading, path)
  }
}

function readFile(reading: Reading, path: string): void {
  const file = readText(path, reading.budget)
  if (!file.ok) {
    reading.problems.push(file.failure)
    return
  }
  const foreign = foreignKind(file.value)
  if (foreign !== null) reading.sources.push({ kind: 'foreign', path, what: foreign })
  else reading.sources.push({ kind: 'file', file: file.value, absolute: resolve(path) })
}

/** Beside each source, in their order, then beside the playbook. */
function readFolders(
  { notes, budget }: Reading,
  { sources, playbookDirectory }: SourceRequest,
): VariableDirectory[] {
  const known = new Map<string, Folder>()
  const read = (path: string): Folder => {
    const absolute = resolve(path)
    const folder = known.get(absolute) ?? readFolder(path, budget)
    if (!known.has(absolute)) notes.push(...folder.notes)
    known.set(absolute, folder)
    return folder
  }
  const directories: VariableDirectory[] = []
  for (const source of sources) {
    const kind = kindOf(source)
    if (kind === 'missing') continue
    const folder = read(kind === 'folder' ? source : dirname(source))
    directories.push({ ...folder, beside: 'inventory' })
  }
  return [...directories, { ...read(playbookDirectory), beside: 'playbook' }]
}

function problem(file: string, what: string, fix: string | null): Problem {
  return { file, line: null, column: null, what, fix }
}
