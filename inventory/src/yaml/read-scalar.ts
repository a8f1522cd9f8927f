import type { Scalar } from 'yaml'
import type { ParsedDocument } from './parse-document.ts'
import {
  type ScalarReading,
  type ScalarTag,
  readJsonScalar,
  readPlainScalar,
  readTaggedScalar,
} from './scalars.ts'

/** How Ansible reads a file: as JSON when it is JSON. */
export type Format = 'yaml' | 'json'

/**
 * The text of a scalar. PyYAML gives a block scalar that ends with the file, without a line break,
 * no line break at its end; the parser always gives it one.
 */
export function scalarText({ text }: ParsedDocument, node: Scalar): string {
  const source = node.source ?? ''
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
  const lastLine = text.slice(-200).split('\n').at(-1) ?? ''
  const endsWithFile = (node.range?.[1] ?? 0) >= text.length && lastLine.trim() !== ''
  return isBlock && endsWithFile ? source.replace(/\n$/, '') : source
}

export interface ScalarSource {
  readonly node: Scalar
  readonly text: string
  readonly format: Format
}

/** The meaning of a scalar with its quotes and tag. */
export function readScalarText({ node, text, format }: ScalarSource): ScalarReading {
  if (node.tag !== undefined) return readTagged(text, node.tag)
  if (node.type !== 'PLAIN') return { kind: 'value', value: text }
  return format === 'json' ? readJsonScalar(text) : readPlainScalar(text)
}

const scalarTags = new Map<string, ScalarTag>([
  ['null', 'null'],
  ['bool', 'bool'],
  ['int', 'int'],
  ['float', 'float'],
  ['timestamp', 'timestamp'],
  ['str', 'str'],
])

function readTagged(text: string, tag: string): ScalarReading {
  const known = tag.startsWith(yamlPrefix)
    ? scalarTags.get(tag.slice(yamlPrefix.length))
    : undefined
  if (known !== undefined) return readTaggedScalar(text, known)
  return {
    kind: 'refused',
    what: `the tag ${shortTag(tag)} is not supported here`,
    fix: 'Remove the tag',
  }
}

const yamlPrefix = 'tag:yaml.org,2002:'

/** Whether a collection has no tag, or the one that says what it is anyway. */
export function isTag(tag: string | undefined, name: string): boolean {
  return tag === undefined || tag === yamlPrefix + name
}

/** A tag as it is written: `!!set`. */
export function shortTag(tag: string): string {
  return tag.startsWith(yamlPrefix) ? `!!${tag.slice(yamlPrefix.length)}` : tag
}

/** A key of a mapping. PyYAML reads a lone `=` as a key, though not as a value. */
export function readKeyNode(node: Scalar, format: Format): ScalarReading {
  if (node.source === '=' && node.tag === undefined) return { kind: 'value', value: '=' }
  return readScalarText({ node, text: node.source ?? '', format })
}
