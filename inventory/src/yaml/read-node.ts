import {
  type Node as YamlNode,
  type Pair,
  type Scalar,
  type YAMLMap,
  isAlias,
  isMap,
  isScalar,
  isSeq,
} from 'yaml'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Position, unsafeValue, vaultValue } from '../value.ts'
import { type AliasTargets, checkSyntax } from './check-syntax.ts'
import type { Entry, MapNode, Node } from './node.ts'
import { type ParsedDocument, parseDocument } from './parse-document.ts'
import { isTag, readKeyNode, readScalarText, scalarText, shortTag } from './read-scalar.ts'
import { type Problems, type SourceFile, collectProblems } from './source.ts'

/** The deepest value that is read, counted from the top of the file. */
const deepestValue = 60

/** How many values aliases may make in one file; "billion laughs" needs many more. */
const mostAliasedValues = 1_000_000

export interface ReadFile {
  /** `null` when the file is empty or its problems leave nothing to read. */
  readonly node: Node | null
  readonly problems: readonly Problem[]
}

/** Reads a YAML or JSON file as Ansible does. Never throws; work is bounded by the size limit. */
export function readYaml(file: SourceFile): ReadFile {
  const problems = collectProblems()
  if (file.text.startsWith('$ANSIBLE_VAULT;')) {
    const at = { file: file.path, line: 1, column: 1 }
    problems.add(
      at,
      'the whole file is encrypted with Ansible Vault',
      'Encrypt single values with !vault',
    )
    return { node: null, problems: problems.list }
  }
  const parsed = parseDocument(file, problems)
  if (parsed === null) return { node: null, problems: problems.list }
  const root = parsed.document.contents
  if (root === null || (isScalar(root) && root.source === '' && root.type === 'PLAIN')) {
    return { node: null, problems: problems.list }
  }
  const reader: Reader = {
    parsed,
    problems,
    format: isJson(file.text) ? 'json' : 'yaml',
    targets: checkSyntax(root, parsed, problems),
    open: new Set(),
    aliasDepth: 0,
    aliased: 0,
  }
  const node = readNode(reader, root, 0)
  return { node: problems.list.length > 0 ? null : node, problems: problems.list }
}

interface Reader {
  readonly parsed: ParsedDocument
  readonly problems: Problems
  readonly format: 'yaml' | 'json'
  readonly targets: AliasTargets
  /** The collections that are being read, to see one that contains itself. */
  readonly open: Set<YamlNode>
  aliasDepth: number
  aliased: number
}

/** Ansible tries JSON before YAML: in JSON `1e3` is a number and keys may repeat. */
function isJson(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function readNode(reader: Reader, node: YamlNode, depth: number): Node | null {
  const at = positionOf(reader, node)
  if (depth > deepestValue)
    return refuse(reader, at, 'the file is nested too deep', 'Write it flatter')
  if (reader.aliasDepth > 0 && ++reader.aliased > mostAliasedValues) {
    if (reader.aliased > mostAliasedValues + 1) return null
    return refuse(
      reader,
      at,
      'the aliases of this file expand to more than a million values',
      'Use fewer aliases',
    )
  }
  if (isAlias(node)) return readAlias(reader, node, depth)
  if (isScalar(node)) return readScalar(reader, node, at)
  if (reader.open.has(node)) {
    return refuse(reader, at, 'this value contains itself through an alias', 'Remove the alias')
  }
  reader.open.add(node)
  const result = readCollection(reader, node, depth)
  reader.open.delete(node)
  return result
}

function readAlias(reader: Reader, node: YamlNode, depth: number): Node | null {
  const target = reader.targets.get(node)
  if (target === undefined) return null
  reader.aliasDepth++
  const result = readNode(reader, target, depth + 1)
  reader.aliasDepth--
  return result
}

function readCollection(reader: Reader, node: YamlNode, depth: number): Node | null {
  const at = positionOf(reader, node)
  if (isMap(node) && isTag(node.tag, 'map')) return readMap(reader, node, depth)
  if (isSeq(node) && isTag(node.tag, 'seq')) {
    const items = node.items.map((item) => readItem(reader, item, depth))
    return { kind: 'list', items: items.filter((item) => item !== null), at }
  }
  return refuse(
    reader,
    at,
    `the tag ${shortTag(node.tag ?? '')} is not supported here`,
    'Remove the tag',
  )
}

function readItem(reader: Reader, item: unknown, depth: number): Node | null {
  return isYamlNode(item) ? readNode(reader, item, depth + 1) : null
}

function readMap(reader: Reader, map: YAMLMap, depth: number): MapNode {
  const merged: (readonly [string, Entry])[] = []
  const own = new Map<string, Entry>()
  for (const pair of map.items) {
    const key = readKey(reader, pair, map)
    if (key === null) continue
    const value = pair.value
    if (key === 'merge') merged.push(...readMerge(reader, value, depth))
    else addEntry(reader, own, { key, pair, depth })
  }
  const entries = new Map(merged)
  for (const [key, entry] of own) entries.set(key, entry)
  return { kind: 'map', entries, at: positionOf(reader, map) }
}

interface OwnEntry {
  readonly key: Key
  readonly pair: Pair
  readonly depth: number
}

function addEntry(reader: Reader, own: Map<string, Entry>, { key, pair, depth }: OwnEntry): void {
  const first = own.get(key.name) ?? sameNumber(own, key)
  if (first !== undefined && reader.format === 'yaml') {
    refuse(
      reader,
      key.at,
      `"${key.name}" is written twice in the same mapping; the first is on line ${first.at.line}`,
      'Join the two; Ansible would use only the last',
    )
    return
  }
  const node: Node | null = isYamlNode(pair.value)
    ? readNode(reader, pair.value, depth + 1)
    : { kind: 'scalar', value: null, written: 'other', at: key.at }
  if (node !== null) own.set(key.name, { at: key.at, node, keyType: key.type })
}

/** For Python the keys 1, 1.0 and true are the same. */
function sameNumber(own: ReadonlyMap<string, Entry>, key: Key): Entry | undefined {
  if (key.type === 'text') return undefined
  const set = [
    ['0', '0.0', '-0.0', 'false'],
    ['1', '1.0', 'true'],
    [key.name.replace(/\.0$/, ''), `${key.name}.0`],
  ].find((names) => names.includes(key.name) || names.includes(`${key.name}.0`))
  const same = set?.map((name) => own.get(name)).find((entry) => entry?.keyType === 'other')
  return same
}

/** PyYAML's flatten_mapping: of several merged mappings the first wins. */
function readMerge(reader: Reader, value: unknown, depth: number): (readonly [string, Entry])[] {
  if (!isYamlNode(value)) return []
  const node = readNode(reader, value, depth + 1)
  if (node === null) return []
  const sources = node.kind === 'list' ? node.items.toReversed() : [node]
  const entries: (readonly [string, Entry])[] = []
  for (const source of sources) {
    if (source.kind === 'map') entries.push(...source.entries)
    else
      refuse(
        reader,
        source.at,
        '<< needs a mapping or a list of mappings',
        'Name an anchor: "<<: *name"',
      )
  }
  return entries
}

interface Key {
  readonly name: string
  readonly type: 'text' | 'other'
  readonly at: Position
}

function readKey(reader: Reader, pair: Pair, map: YAMLMap): Key | 'merge' | null {
  const written = isAlias(pair.key) ? reader.targets.get(pair.key) : pair.key
  if (!isScalar(written)) {
    const fix =
      map.flow === true ? 'Put quotes around a template: "{{ name }}"' : 'Use a text as the key'
    const at = positionOf(reader, isYamlNode(pair.key) ? pair.key : map)
    return refuse(reader, at, 'a mapping or list is used as the key of a mapping', fix)
  }
  const at = positionOf(reader, isYamlNode(pair.key) ? pair.key : written)
  const reading = readKeyNode(written, reader.format)
  if (reading.kind === 'refused') return refuse(reader, at, reading.what, reading.fix)
  return reading.kind === 'merge' ? 'merge' : { name: reading.name, type: reading.type, at }
}

function readScalar(reader: Reader, node: Scalar, at: Position): Node | null {
  const text = scalarText(reader.parsed, node)
  if (node.tag === '!vault' || node.tag === '!vault-encrypted') {
    return { kind: 'scalar', value: vaultValue(text), written: 'other', at }
  }
  if (node.tag === '!unsafe')
    return { kind: 'scalar', value: unsafeValue(text), written: 'other', at }
  const reading = readScalarText({ node, text, format: reader.format })
  if (reading.kind === 'refused') return refuse(reader, at, reading.what, reading.fix)
  if (reading.kind === 'merge') {
    return refuse(reader, at, '<< is used as a value', 'Quote it: "<<"')
  }
  return { kind: 'scalar', value: reading.value, written: reading.written, at }
}

function isYamlNode(value: unknown): value is YamlNode {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value)
}

function positionOf(reader: Reader, node: YamlNode): Position {
  return reader.parsed.positionAt(node.range?.[0] ?? 0)
}

function refuse(reader: Reader, at: Position, what: string, fix: string): null {
  reader.problems.add(at, what, fix)
  return null
}
