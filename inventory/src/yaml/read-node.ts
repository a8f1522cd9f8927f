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
import { pythonText } from '../python/format.ts'
import { type Key, type Position, equalKey } from '../value.ts'
import { type AliasTargets, checkSyntax } from './check-syntax.ts'
import type { Entry, Node } from './node.ts'
import { type ParsedDocument, parseDocument } from './parse-document.ts'
import { isTag, readKeyNode, readScalarText, scalarText, shortTag } from './read-scalar.ts'
import { type Problems, type SourceFile, collectProblems } from './source.ts'

/** The deepest value that is read, counted from the top of the file. */
const deepestValue = 60

/** How many values aliases may make in one file; "billion laughs" needs many more. */
const mostAliasedValues = 1_000_000

export type ReadFile =
  | { readonly kind: 'read'; readonly node: Node }
  | { readonly kind: 'empty' }
  /** It is YAML, but has mistakes; `root` is what stands at the top. */
  | {
      readonly kind: 'mistaken'
      readonly root: 'map' | 'other'
      readonly problems: readonly Problem[]
    }
  /** It is no YAML at all. */
  | { readonly kind: 'broken'; readonly problems: readonly Problem[] }

/** Reads a YAML or JSON file as Ansible does. Never throws; work is bounded by the size limit. */
export function readYaml(file: SourceFile): ReadFile {
  const problems = collectProblems()
  const parsed = parseDocument(file, problems)
  if (parsed === null) return { kind: 'broken', problems: problems.list }
  const root = parsed.document.contents
  if (root === null || (isScalar(root) && root.source === '' && root.type === 'PLAIN')) {
    return { kind: 'empty' }
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
  if (node !== null && problems.list.length === 0) return { kind: 'read', node }
  return { kind: 'mistaken', root: isMap(root) ? 'map' : 'other', problems: problems.list }
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

function readMap(reader: Reader, map: YAMLMap, depth: number): Node {
  const merged: (readonly [Key, Entry])[] = []
  const own = new Map<Key, Entry>()
  for (const pair of map.items) {
    const key = readKey(reader, pair, map)
    if (key === null) continue
    const value = pair.value
    if (key === 'merge') merged.push(...readMerge(reader, value, depth))
    else addEntry(reader, own, { key, pair, depth })
  }
  const entries = new Map<Key, Entry>()
  for (const [key, entry] of [...merged, ...own]) entries.set(equalKey(entries, key) ?? key, entry)
  const at = positionOf(reader, map)
  return (reader.format === 'json' ? ansibleObject(entries) : null) ?? { kind: 'map', entries, at }
}

/** The JSON in which Ansible writes encrypted and unsafe texts (AnsibleJSONDecoder). */
function ansibleObject(entries: ReadonlyMap<Key, Entry>): Node | null {
  for (const [key, { node }] of entries) {
    const text = node.kind === 'scalar' ? node.value : null
    if (typeof text !== 'string') continue
    if (key === '__ansible_vault')
      return { ...node, kind: 'scalar', value: { kind: 'vault', text } }
    if (key === '__ansible_unsafe')
      return { ...node, kind: 'scalar', value: { kind: 'unsafe', text } }
  }
  return null
}

interface OwnEntry {
  readonly key: WrittenKey
  readonly pair: Pair
  readonly depth: number
}

function addEntry(reader: Reader, own: Map<Key, Entry>, { key, pair, depth }: OwnEntry): void {
  const same = equalKey(own, key.key)
  const first = same === undefined ? undefined : own.get(same)
  if (first !== undefined && reader.format === 'yaml') {
    refuse(
      reader,
      key.at,
      `"${pythonText(key.key)}" is written twice in the same mapping; the first is on line ${first.at.line}`,
      'Join the two; Ansible would use only the last',
    )
    return
  }
  const node: Node | null = isYamlNode(pair.value)
    ? readNode(reader, pair.value, depth + 1)
    : { kind: 'scalar', value: null, at: key.at }
  if (node !== null) own.set(same ?? key.key, { at: key.at, node })
}

/** PyYAML's flatten_mapping: of several merged mappings the first wins. */
function readMerge(reader: Reader, value: unknown, depth: number): (readonly [Key, Entry])[] {
  if (!isYamlNode(value)) return []
  const node = readNode(reader, value, depth + 1)
  if (node === null) return []
  const sources = node.kind === 'list' ? node.items.toReversed() : [node]
  const entries: (readonly [Key, Entry])[] = []
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

interface WrittenKey {
  readonly key: Key
  readonly at: Position
}

function readKey(reader: Reader, pair: Pair, map: YAMLMap): WrittenKey | 'merge' | null {
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
  return reading.kind === 'merge' ? 'merge' : { key: reading.value, at }
}

function readScalar(reader: Reader, node: Scalar, at: Position): Node | null {
  const text = scalarText(reader.parsed, node)
  if (node.tag === '!vault' || node.tag === '!vault-encrypted') {
    return { kind: 'scalar', value: { kind: 'vault', text }, at }
  }
  if (node.tag === '!unsafe') return { kind: 'scalar', value: { kind: 'unsafe', text }, at }
  const reading = readScalarText({ node, text, format: reader.format })
  if (reading.kind === 'refused') return refuse(reader, at, reading.what, reading.fix)
  if (reading.kind === 'merge') {
    return refuse(reader, at, '<< is used as a value', 'Quote it: "<<"')
  }
  return { kind: 'scalar', value: reading.value, at }
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
