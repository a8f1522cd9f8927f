/** What a variable can hold: the JSON data model. Mappings have no prototype. */
export type Value = null | boolean | number | string | readonly Value[] | ValueMap

export interface ValueMap {
  readonly [key: string]: Value
}

/** Where something is written; lines and columns start at 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One variable as it is written in a file; templates are not resolved. */
export interface Variable {
  readonly value: Value
  readonly at: Position
  /**
   * What the text was, where the value alone does not tell: Python writes the float 1 as `1.0` and
   * a timestamp with a blank when they become part of a longer text.
   */
  readonly written: Written
}

export type Written = 'float' | 'timestamp' | 'other'

export type Variables = ReadonlyMap<string, Variable>

export function isValueMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

/** A mapping without a prototype, so that no key means anything but itself. */
export function valueMap(entries: Iterable<readonly [string, Value]>): ValueMap {
  const map: Record<string, Value> = Object.create(null)
  for (const [key, value] of entries) map[key] = value
  return map
}

/** The text of `!vault`, which stays encrypted, in the form of `ansible-inventory --list`. */
export function vaultValue(text: string): ValueMap {
  return valueMap([['__ansible_vault', text]])
}

/** A `!unsafe` text, which is never a template, in the form of `ansible-inventory --list`. */
export function unsafeValue(text: string): ValueMap {
  return valueMap([['__ansible_unsafe', text]])
}

export function isVault(value: Value): boolean {
  return isValueMap(value) && typeof value['__ansible_vault'] === 'string'
}

/** The text of a `!unsafe` value, else `null`. */
export function unsafeText(value: Value): string | null {
  if (!isValueMap(value)) return null
  const text = value['__ansible_unsafe']
  return typeof text === 'string' ? text : null
}
