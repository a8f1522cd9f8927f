/** `group_vars/` and `host_vars/`: which file belongs to whom, and what is in it. */
import { nearest } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { VariableFiles } from './inventory.ts'
import { clearFile } from './sources/clear-file.ts'
import { type VariableDirectory, type VariableEntry, yamlExtensions } from './sources/source.ts'
import { readVariables } from './sources/yaml-groups.ts'
import { type Key, type Variable, type Variables, equalKey } from './value.ts'
import type { Decrypt } from './encrypted-text.ts'
import { describeNode } from './yaml/node.ts'
import { readYaml } from './yaml/read-node.ts'
import type { Problems, SourceFile } from './yaml/source.ts'

interface Reading {
  readonly problems: Problems
  readonly decrypt: Decrypt
}

interface Names {
  readonly groups: Iterable<string>
  readonly hosts: Iterable<string>
}

export interface ReadDirectories {
  readonly files: readonly VariableFiles[]
  /** Entries that belong to no group or host, or stand in the shadow of another one. */
  readonly notes: readonly Problem[]
}

export function readVariableFiles(
  directories: readonly VariableDirectory[],
  names: Names,
  reading: Reading,
): ReadDirectories {
  const groups = [...names.groups]
  const hosts = [...names.hosts]
  const known = new Map<string, Variables>()
  const read = (entries: readonly VariableEntry[], owners: readonly string[]) =>
    readEntries(chooseEntries(entries, owners), known, reading)
  const files = directories.map((directory) => ({
    beside: directory.beside,
    groups: read(directory.groups, groups),
    hosts: read(directory.hosts, hosts),
  }))
  const notes = new Map<string, Problem>()
  for (const directory of directories) {
    noteUnread(notes, directory.groups, { kind: 'group', names: groups })
    noteUnread(notes, directory.hosts, { kind: 'host', names: hosts })
  }
  return { files, notes: [...notes.values()] }
}

/** DataLoader.find_vars_files: for a name the entry `NAME`, else `NAME.yml`, `.yaml`, `.json`. */
function chooseEntries(
  entries: readonly VariableEntry[],
  names: readonly string[],
): ReadonlyMap<string, VariableEntry> {
  const byEntry = new Map(entries.map((each) => [each.entry, each]))
  const chosen = new Map<string, VariableEntry>()
  if (entries.length === 0) return chosen
  for (const name of names) {
    const found = ['', ...yamlExtensions]
      .map((extension) => byEntry.get(name + extension))
      .find((entry) => entry !== undefined)
    if (found !== undefined) chosen.set(name, found)
  }
  return chosen
}

/** A folder can be named twice, as by two sources in it: each entry is read once. */
function readEntries(
  chosen: ReadonlyMap<string, VariableEntry>,
  known: Map<string, Variables>,
  reading: Reading,
): ReadonlyMap<string, Variables> {
  const read = new Map<string, Variables>()
  for (const [name, entry] of chosen) {
    const variables = known.get(entry.path) ?? readEntry(entry, reading)
    known.set(entry.path, variables)
    read.set(name, variables)
  }
  return read
}

function readEntry({ files }: VariableEntry, reading: Reading): Variables {
  const variables = new Map<Key, Variable>()
  for (const file of files) {
    if (!file.ok) reading.problems.addAll([file.failure])
    else {
      for (const [key, variable] of readFile(file.value, reading)) {
        variables.set(equalKey(variables, key) ?? key, variable)
      }
    }
  }
  return variables
}

function readFile(source: SourceFile, reading: Reading): Variables {
  const clear = clearFile(source, reading)
  if (clear === null) return new Map()
  const yaml = readYaml(clear.file)
  if (yaml.kind === 'broken' || yaml.kind === 'mistaken') clear.problems.addAll(yaml.problems)
  if (yaml.kind !== 'read') return new Map()
  if (yaml.node.kind === 'map') return readVariables(clear, yaml.node)
  const what = `the file is ${describeNode(yaml.node)}, not a mapping of variables`
  clear.problems.add(yaml.node.at, what, 'Write "name: value" lines')
  return new Map()
}

interface Owners {
  readonly kind: 'group' | 'host'
  readonly names: readonly string[]
}

function noteUnread(
  notes: Map<string, Problem>,
  entries: readonly VariableEntry[],
  { kind, names }: Owners,
): void {
  const chosen = chooseEntries(entries, names)
  const used = new Set([...chosen.values()].map(({ entry }) => entry))
  for (const { entry, path } of entries) {
    if (used.has(entry) || !isOfVariables(entry)) continue
    const name = nameOfEntry(entry)
    const winner = chosen.get(name)
    const near = nearest(name, names)
    const what =
      winner === undefined
        ? `there is no ${kind} "${name}", so this is not read`
        : `this is not read: ${winner.path} is there`
    const fix = winner === undefined && near !== null ? `Did you mean ${near}?` : null
    notes.set(path, { file: path, line: null, column: null, what, fix })
  }
}

/** `README.md` and the like are not meant to be read. */
function isOfVariables(entry: string): boolean {
  return !/^(?:README|LICENSE)$|\.(?:md|txt|rst|j2|bak|orig|swp|retry|example|sample)$/.test(entry)
}

function nameOfEntry(entry: string): string {
  const extension = yamlExtensions.find((each) => entry.endsWith(each))
  return extension === undefined ? entry : entry.slice(0, -extension.length)
}
