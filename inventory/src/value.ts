/**
 * What a variable can hold, by Python's kinds. An `int` is a bigint and a `float` a number: so `1.0`
 * stays `1.0`, and no integer is too large.
 */
export type Value = Scalar | Tagged | readonly Value[] | ValueMap

export type Scalar = null | boolean | bigint | number | string

export type Tagged = Timestamp | Encrypted | Unsafe | Tuple

export type ValueMap = ReadonlyMap<Key, Value>

/** Made with `pythonMap` where keys of different kinds can be equal. */
export type Key = Scalar | Timestamp

/** A `date` or a `datetime`, in the form of Python's `isoformat()`. */
export interface Timestamp {
  readonly kind: 'date' | 'datetime'
  readonly iso: string
}

/** A `!vault` value: the text with its header, as it is in the file. */
export interface Encrypted {
  readonly kind: 'vault'
  readonly text: string
}

/** A `!unsafe` text, which is never a template. */
export interface Unsafe {
  readonly kind: 'unsafe'
  readonly text: string
}

/** Only INI inventories and templates make these: `80,443`. */
export interface Tuple {
  readonly kind: 'tuple'
  readonly items: readonly Value[]
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
  /** The file was encrypted as a whole: the value must not be shown. */
  readonly isSecret: boolean
}

/** By name; YAML also allows a name that is no text, which only the listing can show. */
export type Variables = ReadonlyMap<Key, Variable>

export function isValueMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map
}

export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

export function isTagged(value: Value | undefined): value is Tagged {
  return typeof value === 'object' && value !== null && 'kind' in value
}

export function isEncrypted(value: Value | undefined): value is Encrypted {
  return isTagged(value) && value.kind === 'vault'
}

/** Whether a mapping can have it as a key. */
export function isKey(value: Value): value is Key {
  return !isValueList(value) && !isValueMap(value) && (!isTagged(value) || 'iso' in value)
}

/** The items of a list or tuple, else `null`. */
export function itemsOf(value: Value | undefined): readonly Value[] | null {
  if (isValueList(value)) return value
  return isTagged(value) && value.kind === 'tuple' ? value.items : null
}

/** The text of a text, `!unsafe` or not, else `null`. */
export function textOf(value: Value | undefined): string | null {
  if (typeof value === 'string') return value
  return isTagged(value) && value.kind === 'unsafe' ? value.text : null
}

/** A mapping as a Python dict is made: of equal keys the first stays, with the last value. */
export function pythonMap(entries: Iterable<readonly [Key, Value]>): ValueMap {
  const map = new Map<Key, Value>()
  for (const [key, value] of entries) map.set(equalKey(map, key) ?? key, value)
  return map
}

/** The key of a map that Python holds to be equal: 1, 1.0 and True are. `undefined`: none. */
export function equalKey(map: ReadonlyMap<Key, unknown>, key: Key): Key | undefined {
  if (map.has(key)) return key
  if (typeof key === 'string' || typeof key === 'object') return undefined
  const number = Number(key)
  const twins: Key[] = [number === 1, number]
  if (Number.isInteger(number)) twins.push(BigInt(number))
  return twins.find((twin) => map.has(twin) && Number(twin) === number)
}
