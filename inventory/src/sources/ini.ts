/** An INI inventory, read line by line as Ansible's plugins/inventory/ini.py reads it. */
import { type SourceReader, addGroup, addHost, setVariable } from '../draft.ts'
import { expandHostKey } from '../host-ranges.ts'
import { type Line, readLines } from '../python/lines.ts'
import { readLiteral } from '../python/literal.ts'
import { splitWords } from '../python/words.ts'
import type { Position, Value, Variable } from '../value.ts'
import type { SourceFile } from '../yaml/source.ts'

type Section = 'hosts' | 'children' | 'vars'

interface IniReader extends SourceReader {
  readonly path: string
  group: string
  section: Section
  /** Groups that are used before they are declared. */
  readonly pending: Map<string, Pending>
}

type Pending =
  | { readonly kind: 'vars'; readonly at: Position }
  | { readonly kind: 'child'; readonly at: Position; readonly parents: string[] }

export function readIni(reader: SourceReader, file: SourceFile): void {
  if (file.text.startsWith('\uFEFF')) {
    const at = { file: file.path, line: 1, column: 1 }
    reader.problems.add(at, 'the file begins with a byte order mark', 'Save it without one')
    return
  }
  const ini: IniReader = {
    ...reader,
    path: file.path,
    group: 'ungrouped',
    section: 'hosts',
    pending: new Map(),
  }
  for (const line of readLines(file.text)) {
    if (line.text !== '' && !/^[;#]/.test(line.text)) readLine(ini, line)
  }
  for (const [name, { kind, at }] of ini.pending) {
    const what =
      kind === 'vars'
        ? `[${name}:vars] stands for a group that is not declared`
        : `the group "${name}" is not declared`
    reader.problems.add(at, what, `Add a section [${name}]`)
  }
}

const sectionHeader = /^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$/u
const childName = /^([^:\]\s]+)\s*(?:#.*)?$/

function readLine(ini: IniReader, line: Line): void {
  const at = positionOf(ini, line)
  const [header, name = '', tag = 'hosts'] = sectionHeader.exec(line.text) ?? []
  if (header !== undefined) openSection(ini, name, tag, at)
  else if (line.text.startsWith('[') && line.text.endsWith(']')) {
    const fix = 'Write it like [web], [web:vars] or [web:children]'
    ini.problems.add(at, `${line.text} is not a section`, fix)
  } else if (ini.section === 'hosts') readHost(ini, line)
  else if (ini.section === 'vars') readVariable(ini, line)
  else readChild(ini, line)
}

function positionOf({ path }: IniReader, line: Line, offset = 0): Position {
  return { file: path, line: line.number, column: line.indent + offset + 1 }
}

function openSection(ini: IniReader, name: string, tag: string, at: Position): void {
  const { draft, pending, problems } = ini
  if (tag !== 'hosts' && tag !== 'vars' && tag !== 'children') {
    problems.add(at, `[${name}:${tag}] is of no known type`, 'Known are :vars and :children')
    return
  }
  ini.group = name
  ini.section = tag
  if (!draft.groups.has(name)) {
    if (tag === 'vars' && !pending.has(name)) pending.set(name, { kind: 'vars', at })
    addGroup(ini, name, at)
  }
  if (tag === 'vars') return
  if (pending.get(name)?.kind === 'child') addPending(ini, name)
  else pending.delete(name)
}

/** The group is declared now: it becomes a child of those that named it before. */
function addPending(ini: IniReader, name: string): void {
  const waiting = ini.pending.get(name)
  if (waiting?.kind !== 'child') return
  ini.pending.delete(name)
  for (const parent of waiting.parents) {
    addChild(ini, parent, name, waiting.at)
    addPending(ini, parent)
  }
}

function readChild(ini: IniReader, line: Line): void {
  const at = positionOf(ini, line)
  const [, name] = childName.exec(line.text) ?? []
  if (name === undefined) {
    ini.problems.add(at, `"${line.text}" is not the name of a group`, 'Write one name on a line')
    return
  }
  const waiting = ini.pending.get(name)
  if (ini.draft.groups.has(name)) addChild(ini, ini.group, name, at)
  else if (waiting?.kind === 'child') waiting.parents.push(ini.group)
  else ini.pending.set(name, { kind: 'child', at, parents: [ini.group] })
}

function addChild(ini: IniReader, parent: string, child: string, at: Position): void {
  if (parent === child) {
    ini.problems.add(at, `the group "${child}" contains itself`, 'Remove it from its children')
    return
  }
  const children = ini.draft.groups.get(parent)?.children
  if (children?.has(child) === false) children.set(child, at)
}

function readVariable(ini: IniReader, line: Line): void {
  const equals = line.text.indexOf('=')
  if (equals < 0) {
    ini.problems.add(
      positionOf(ini, line),
      `"${line.text}" is not "name = value"`,
      'Write name=value',
    )
    return
  }
  const name = line.text.slice(0, equals).trim()
  const value = line.text.slice(equals + 1).trim()
  const at = positionOf(ini, line, line.text.indexOf(value, equals + 1))
  setVariable(ini, ini.group, name, readValue(ini, value, at))
}

function readHost(ini: IniReader, line: Line): void {
  const at = positionOf(ini, line)
  const { words, mistake } = splitWords(line.text, 'comments')
  const [first, ...rest] = words
  if (mistake !== null || first === undefined) {
    ini.problems.add(at, `the line ${mistake ?? 'has no host'}`, 'Quote values with blanks')
    return
  }
  const names = readNames(ini, first.text, at)
  const variables = new Map<string, Variable>()
  for (const word of rest) {
    const equals = word.text.indexOf('=')
    const place = positionOf(ini, line, word.at)
    if (equals < 0) {
      const fix = 'Write name=value; quote values with blanks'
      ini.problems.add(place, `"${word.text}" is not a variable of ${first.text}`, fix)
    } else {
      const value = readValue(ini, word.text.slice(equals + 1), place)
      variables.set(word.text.slice(0, equals), value)
    }
  }
  const group = addGroup(ini, ini.group, at)
  for (const { name, port } of group === null ? [] : names) {
    if (group === null || !addHost(ini, group, { name, port, at })) return
    for (const [key, variable] of variables) setVariable(ini, name, key, variable)
  }
}

function readNames(
  ini: IniReader,
  pattern: string,
  at: Position,
): readonly { readonly name: string; readonly port: number | null }[] {
  const expanded = expandHostKey(pattern)
  if (!expanded.ok) {
    ini.problems.add(at, expanded.failure.what, expanded.failure.fix)
    return []
  }
  const { names, port } = expanded.value
  const isYaml = names.some((name) => name.trim() === '---')
  if (isYaml || (port === null && pattern.trim().endsWith(':'))) {
    const what = isYaml ? '"---" begins a YAML file' : `"${pattern}" has no port after its colon`
    ini.problems.add(at, what, 'Name a YAML inventory .yml; write a port as name:22')
    return []
  }
  return names.map((name) => ({ name, port }))
}

/** The value of a text, which is a Python literal if it can be. */
function readValue({ problems, isSecret }: IniReader, text: string, at: Position): Variable {
  const reading = readLiteral(text)
  let value: Value = text
  if (reading.kind === 'value') value = reading.value
  else if (reading.kind === 'bytes') value = reading.text
  else if (reading.kind === 'unsupported') {
    problems.add(at, `Ansible reads this as ${reading.what}`, `Quote it twice: "'…'"`)
  }
  return { value, at, isSecret }
}
