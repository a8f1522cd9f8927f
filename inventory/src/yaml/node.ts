import {
  type Key,
  type Position,
  type Scalar,
  type Tagged,
  type Value,
  type Variable,
  isTagged,
  pythonMap,
  textOf,
} from '../value.ts'

/** A file's content with positions: aliases and merges are done, tags and scalars are read. */
export type Node = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: Scalar | Tagged
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
  readonly entries: ReadonlyMap<Key, Entry>
  readonly at: Position
}

export interface Entry {
  readonly at: Position
  readonly node: Node
}

export function nodeValue(node: Node): Value {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(nodeValue)
    case 'map':
      return pythonMap([...node.entries].map(([key, entry]) => [key, nodeValue(entry.node)]))
  }
}

/** The entry's value as a variable, positioned at the value. */
export function entryVariable({ node }: Entry, isSecret: boolean): Variable {
  return { value: nodeValue(node), at: node.at, isSecret }
}

export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}

/** What an operator would call it. */
export function describeNode(node: Node): string {
  if (node.kind === 'map') return 'a mapping'
  if (node.kind === 'list') return 'a list'
  const { value } = node
  const text = textOf(value)
  if (text !== null) return `the text "${text.slice(0, 40)}"`
  if (value === null) return 'nothing'
  if (isTagged(value)) return value.kind === 'vault' ? 'an encrypted text' : `a ${value.kind}`
  return `the ${typeof value === 'boolean' ? 'boolean' : 'number'} ${String(value).slice(0, 40)}`
}
