/** How Ansible takes a pattern apart (inventory/manager.py); nothing is matched here. */
import { parseAddress } from '../addresses.ts'

/** One part of a pattern: what it adds, keeps or takes away. */
export interface Term {
  readonly kind: 'add' | 'keep' | 'remove'
  /** Without `&` or `!`. */
  readonly text: string
}

/** Commas separate; without any, colons do, unless the whole is one host with ranges or a port. */
export function splitPattern(pattern: string): string[] {
  const parts = pattern.includes(',')
    ? pattern.split(',')
    : parseAddress(pattern) !== null
      ? [pattern]
      : splitAtColons(pattern)
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** Ansible's `(?:[^\s:\[\]]|\[[^\]]*\])+`, which alone would search for each missing `]` to the end. */
function splitAtColons(pattern: string): string[] {
  const closed = pattern.lastIndexOf(']') + 1
  const text = pattern.slice(0, closed) + pattern.slice(closed).replaceAll('[', ' ')
  return text.match(/(?:[^\s:[\]]|\[[^\]]*\]?)+/g) ?? []
}

export function parseTerm(text: string): Term {
  if (text.startsWith('!')) return { kind: 'remove', text: text.slice(1) }
  if (text.startsWith('&')) return { kind: 'keep', text: text.slice(1) }
  return { kind: 'add', text }
}

/** Ansible adds first, then keeps, then removes; with nothing to add it starts from `all`. */
export function orderTerms(terms: readonly Term[]): readonly Term[] {
  const of = (kind: Term['kind']) => terms.filter((term) => term.kind === kind)
  const added = of('add')
  const start: readonly Term[] = added.length > 0 ? added : [{ kind: 'add', text: 'all' }]
  return [...start, ...of('keep'), ...of('remove')]
}

/** A subscript of a pattern: the positions from `first` to `last`, both included. */
export interface Subscript {
  readonly first: number
  /** `null`: only the one at `first`. */
  readonly last: number | null
}

/** `stratum1[0:2]` -> `stratum1` and its subscript; a regex has none. */
export function splitSubscript(text: string): {
  readonly name: string
  readonly subscript: Subscript | null
} {
  const match = text.startsWith('~')
    ? null
    : /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/.exec(text)
  if (match === null) return { name: text, subscript: null }
  const [, name = '', index, first, last] = match
  if (index !== undefined) return { name, subscript: { first: Number(index), last: null } }
  return { name, subscript: { first: Number(first), last: last === '' ? -1 : Number(last) } }
}

/** The elements of a subscript, or `null` when there is none at its place. */
export function applySubscript<T>(items: readonly T[], subscript: Subscript): readonly T[] | null {
  if (items.length === 0) return items
  const { first, last } = subscript
  // Python takes an end of 0 for "no end" here: [0:0] is the first one, [2:0] the third.
  if (last === null || last === 0) {
    const item = items.at(first)
    return item === undefined ? null : [item]
  }
  return last === -1 ? items.slice(first) : items.slice(first, last + 1)
}
