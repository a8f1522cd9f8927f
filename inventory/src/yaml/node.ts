import { type Position, type Value, type Variable, type Written, valueMap } from '../value.ts'

/** A file's content with positions: aliases and merges are done, tags and scalars are read. */
export type Node = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: Value
  readonly written: Written
  readonly at: Position
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly Node[]
  readonly at: Position
}

export interface MapNode {
  readonly kind: 'map'
  /** In the order of the file; merged keys come first, as in PyYAML. */
  readonly entries: ReadonlyMap<string, Entry>
  readonly at: Position
}

export interface Entry {
  readonly at: Position
  readonly node: Node
  /** YAML read the key as something else than text (`on:`, `5:`); the map has it as JSON would. */
  readonly keyType: 'text' | 'other'
}

export function nodeValue(node: Node): Value {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(nodeValue)
    case 'map':
      return valueMap([...node.entries].map(([key, entry]) => [key, nodeValue(entry.node)]))
  }
}

/** The entry's value as a variable, positioned at the value. */
export function entryVariable(entry: Entry): Variable {
  const written = entry.node.kind === 'scalar' ? entry.node.written : 'other'
  return { value: nodeValue(entry.node), at: entry.node.at, written }
}

export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}

/** What an operator would call it. */
export function describeNode(node: Node): string {
  if (node.kind === 'map') return 'a mapping'
  if (node.kind === 'list') return 'a list'
  if (node.value === null) return 'nothing'
  if (typeof node.value === 'string') return `the text "${node.value.slice(0, 40)}"`
  return typeof node.value === 'object'
    ? 'a tagged text'
    : `the ${typeof node.value} ${String(node.value)}`
}
