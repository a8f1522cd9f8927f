/** The words of an expression, one after the other. */
import type { Comparison } from './expression.ts'
import type { Token } from './lex.ts'
import { type Trouble, mistaken } from './trouble.ts'

export interface Reader {
  readonly tokens: readonly Token[]
  at: number
  depth: number
}

export function isNext(reader: Reader, ...texts: readonly string[]): boolean {
  const token = reader.tokens[reader.at]
  return token !== undefined && token.kind !== 'constant' && texts.includes(token.text)
}

export function skipIf(reader: Reader, text: string): boolean {
  const isThere = isNext(reader, text)
  if (isThere) reader.at++
  return isThere
}

export function expect(reader: Reader, text: string): Trouble | null {
  if (skipIf(reader, text)) return null
  const found = reader.tokens[reader.at]?.text ?? 'the end'
  return mistaken(`has ${found} where ${text} is expected`)
}

/** A name with dots, `null` when there is none. */
export function takeDottedName(reader: Reader): string | null {
  const parts: string[] = []
  do {
    const token = reader.tokens[reader.at++]
    if (token?.kind !== 'name') return null
    parts.push(token.text)
  } while (skipIf(reader, '.'))
  return parts.join('.')
}

/** The name of `name=value` in the parentheses of a call; `null` when there is none. */
export function takeArgumentName(reader: Reader): string | null {
  const name = reader.tokens[reader.at]
  const equals = reader.tokens[reader.at + 1]
  if (name?.kind !== 'name' || equals?.kind !== 'operator' || equals.text !== '=') return null
  reader.at += 2
  return name.text
}

const comparisons: readonly Comparison[] = ['==', '!=', '<', '<=', '>', '>=', 'in']

export function takeComparison(reader: Reader): Comparison | null {
  const found = comparisons.find((comparison) => skipIf(reader, comparison))
  if (found !== undefined) return found
  const after = reader.tokens[reader.at + 1]
  if (!isNext(reader, 'not') || after?.kind !== 'name' || after.text !== 'in') return null
  reader.at += 2
  return 'not in'
}
