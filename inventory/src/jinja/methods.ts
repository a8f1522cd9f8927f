/** Methods of Python's str, dict and list that expressions call. */
import { fail, ok } from '@timeball/lib/result.ts'
import { pythonText } from '../python/format.ts'
import {
  type Key,
  type Value,
  type ValueMap,
  equalKey,
  isKey,
  isValueMap,
  itemsOf,
} from '../value.ts'
import type { Outcome } from './operand.ts'
import { unsupported } from './trouble.ts'

type Method = (of: string, given: readonly Value[]) => Value | null

/** `null`: the arguments do not fit. */
const textMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['lower', (of, given) => (given.length === 0 ? of.toLowerCase() : null)],
  ['upper', (of, given) => (given.length === 0 ? of.toUpperCase() : null)],
  ['strip', (of, given) => (given.length === 0 ? of.trim() : null)],
  ['split', split],
  ['startswith', (of, [text]) => (typeof text === 'string' ? of.startsWith(text) : null)],
  ['endswith', (of, [text]) => (typeof text === 'string' ? of.endsWith(text) : null)],
  ['replace', (of, [old, by, ...more]) => replace(of, old, by, more)],
  ['join', (of, [items]) => itemsOf(items)?.map(pythonText).join(of) ?? null],
])

function split(of: string, [separator, most]: readonly Value[]): Value | null {
  if (most !== undefined && typeof most !== 'bigint') return null
  if (separator === undefined || separator === null) {
    return most === undefined ? of.split(/\s+/).filter((part) => part !== '') : null
  }
  if (typeof separator !== 'string' || separator === '') return null
  const parts = of.split(separator)
  const limit = most === undefined || most < 0n ? parts.length : Number(most)
  if (parts.length <= limit + 1) return parts
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)]
}

function replace(
  of: string,
  old: Value | undefined,
  by: Value | undefined,
  more: readonly Value[],
): Value | null {
  const isSound = typeof old === 'string' && typeof by === 'string' && more.length === 0
  return isSound ? of.replaceAll(old, () => by) : null
}

type MapMethod = (of: ValueMap, given: readonly Value[]) => Value | null

const mapMethods: ReadonlyMap<string, MapMethod> = new Map<string, MapMethod>([
  ['keys', (of, given) => (given.length === 0 ? [...of.keys()] : null)],
  ['values', (of, given) => (given.length === 0 ? [...of.values()] : null)],
  ['items', (of, given) => (given.length === 0 ? [...of].map(pair) : null)],
  ['get', getItem],
])

function pair([key, value]: readonly [Key, Value]): Value {
  return { kind: 'tuple', items: [key, value] }
}

function getItem(of: ValueMap, [key, fallback = null]: readonly Value[]): Value | null {
  const same = key !== undefined && isKey(key) ? equalKey(of, key) : undefined
  return same === undefined ? fallback : (of.get(same) ?? null)
}

/** The attributes of Python's values that are not supported, by the kind of the value. */
const others = {
  text: new Set([
    ...['capitalize', 'casefold', 'center', 'count', 'encode', 'expandtabs', 'find', 'format'],
    ...['format_map', 'index', 'isalnum', 'isalpha', 'isascii', 'isdecimal', 'isdigit', 'islower'],
    ...['isidentifier', 'isnumeric', 'isprintable', 'isspace', 'istitle', 'isupper', 'ljust'],
    ...['lstrip', 'maketrans', 'partition', 'removeprefix', 'removesuffix', 'rfind', 'rindex'],
    ...['rjust', 'rpartition', 'rsplit', 'rstrip', 'splitlines', 'swapcase', 'title', 'translate'],
    ...['zfill', 'ansible_pos'],
  ]),
  map: new Set([
    ...['clear', 'copy', 'fromkeys', 'pop', 'popitem', 'setdefault', 'update', 'ansible_pos'],
  ]),
  list: new Set([
    ...['append', 'clear', 'copy', 'count', 'extend', 'index', 'insert', 'pop', 'remove'],
    ...['reverse', 'sort', 'ansible_pos'],
  ]),
  other: new Set([
    ...['real', 'imag', 'numerator', 'denominator', 'bit_length', 'bit_count', 'to_bytes'],
    ...['is_integer', 'hex', 'year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'],
    ...['date', 'time', 'isoformat', 'strftime', 'timestamp', 'weekday', 'isoweekday', 'replace'],
  ]),
} as const

function kindOf(value: Value): keyof typeof others {
  if (typeof value === 'string') return 'text'
  if (isValueMap(value)) return 'map'
  return itemsOf(value) === null ? 'other' : 'list'
}

export function isMethod(value: Value, name: string): boolean {
  if (typeof value === 'string') return textMethods.has(name)
  return isValueMap(value) && mapMethods.has(name)
}

/** Whether Python finds something by that name that is not supported here. */
export function isOtherAttribute(value: Value, name: string): boolean {
  return name.startsWith('__') || others[kindOf(value)].has(name)
}

export function callMethod(of: Value, name: string, given: readonly Value[]): Outcome {
  const made =
    typeof of === 'string'
      ? textMethods.get(name)?.(of, given)
      : isValueMap(of)
        ? mapMethods.get(name)?.(of, given)
        : undefined
  if (made === undefined || (made === null && name !== 'get')) {
    return fail(unsupported(`calls .${name}() in a way that is not supported`))
  }
  const isView = isValueMap(of) && name !== 'get'
  return ok(isView ? { kind: 'view', items: itemsOf(made) ?? [] } : made)
}
