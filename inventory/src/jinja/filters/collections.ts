/** Filters on lists and mappings. */
import { fail, ok } from '@timeball/lib/result.ts'
import {
  type Key,
  type Value,
  type ValueMap,
  equalKey,
  isKey,
  isValueList,
  isValueMap,
  itemsOf,
  pythonMap,
} from '../../value.ts'
import { argumentValue } from '../arguments.ts'
import { areEqual, isTrue, numberOf, order } from '../compare.ts'
import { calculate } from '../math.ts'
import { type Outcome, each, missing, nameKind, valueOf } from '../operand.ts'
import { mistaken } from '../trouble.ts'
import { type FilterCall, type ValueFilter, alone, iterate, odd } from './value-filter.ts'

export const collectionFilters: readonly (readonly [string, ValueFilter])[] = [
  ['length', alone(length)],
  ['count', alone(length)],
  ['list', alone((value) => onItems(value, (items) => ok(items)))],
  ['first', alone((value) => onItems(value, (items) => ok(items[0] ?? missingEnd(items, 0))))],
  ['last', alone((value) => onItems(value, (items) => ok(items.at(-1) ?? missingEnd(items, -1))))],
  ['reverse', alone(reverse)],
  ['min', alone((value) => onItems(value, (items) => extreme(items, -1)))],
  ['max', alone((value) => onItems(value, (items) => extreme(items, 1)))],
  ['sum', alone((value) => onItems(value, sum))],
  ['unique', unique],
  ['sort', sort],
  ['flatten', flatten],
  ['union', withOther((left, right) => distinct([...left, ...right]))],
  ['intersect', withOther((left, right) => distinct(left.filter((item) => has(right, item))))],
  ['difference', withOther((left, right) => distinct(left.filter((item) => !has(right, item))))],
  ['combine', combine],
  ['dict2items', alone(toItems)],
  ['items2dict', alone(fromItems)],
]

function onItems(value: Value, make: (items: readonly Value[]) => Outcome): Outcome {
  const items = iterate(value)
  return items.ok ? make(items.value) : items
}

function length(value: Value): Outcome {
  if (isValueMap(value)) return ok(BigInt(value.size))
  return onItems(value, (items) => ok(BigInt(items.length)))
}

function missingEnd(items: readonly Value[], place: number) {
  return items.length > 0 ? (items.at(place) ?? null) : missing('takes an item of an empty list')
}

function reverse(value: Value): Outcome {
  if (typeof value === 'string') return ok(Array.from(value).toReversed().join(''))
  return onItems(value, (items) => ok(items.toReversed()))
}

/** `direction` is -1 for the least and 1 for the greatest; case does not count. */
function extreme(items: readonly Value[], direction: -1 | 1): Outcome {
  const sorted = sortedBy(items, 'fold-case')
  if (!sorted.ok) return sorted
  const [first] = sorted.value
  if (first === undefined) return ok(missing('takes an item of an empty list'))
  if (direction === -1) return ok(first)
  // Of equal ones the first is the greatest, too.
  const greatest = sorted.value.at(-1) ?? null
  return ok(items.find((item) => compareKeys(item, greatest, 'fold-case') === 0) ?? greatest)
}

function sum(items: readonly Value[]): Outcome {
  let total: Value = 0n
  for (const item of items) {
    if (numberOf(item) === null) return fail(mistaken(`adds ${nameKind(item)} up`))
    const next = calculate('+', total, item)
    if (!next.ok) return next
    total = next.value
  }
  return ok(total)
}

type Case = 'fold-case' | 'as-written'

function compareKeys(left: Value, right: Value, letters: Case): number | null {
  const fold = (value: Value): Value =>
    letters === 'fold-case' && typeof value === 'string' ? value.toLowerCase() : value
  return order(fold(left), fold(right))
}

function sortedBy(items: readonly Value[], letters: Case): Outcome<Value[]> {
  const pairs = items.slice(1).map((item, index) => [items[index] ?? null, item] as const)
  const strange = pairs.find(([left, right]) => compareKeys(left, right, letters) === null)
  if (strange !== undefined) {
    return fail(mistaken(`sorts ${nameKind(strange[0])} with ${nameKind(strange[1])}`))
  }
  return ok(items.toSorted((left, right) => compareKeys(left, right, letters) ?? 0))
}

function sort(value: Value, call: FilterCall): Outcome {
  const isReversed = argumentValue(call, 0, 'reverse', false)
  const isExact = argumentValue(call, 1, 'case_sensitive', false)
  if (!isReversed.ok) return isReversed
  if (!isExact.ok) return isExact
  if (call.given.named.has('attribute') || call.given.positional.length > 2) return odd(call)
  const items = iterate(value)
  if (!items.ok) return items
  const sorted = sortedBy(items.value, isTrue(isExact.value) ? 'as-written' : 'fold-case')
  if (!sorted.ok || !isTrue(isReversed.value)) return sorted
  // Python's reverse keeps the order of equal ones.
  const letters = isTrue(isExact.value) ? 'as-written' : 'fold-case'
  return ok(items.value.toSorted((left, right) => -(compareKeys(left, right, letters) ?? 0)))
}

function has(items: readonly Value[], item: Value): boolean {
  return items.some((each) => areEqual(each, item))
}

function distinct(items: readonly Value[]): Value[] {
  const kept: Value[] = []
  for (const item of items) if (!has(kept, item)) kept.push(item)
  return kept
}

/** Without case, as Jinja's own. */
function unique(value: Value, call: FilterCall): Outcome {
  const isExact = argumentValue(call, 0, 'case_sensitive', false)
  if (!isExact.ok) return isExact
  if (call.given.named.has('attribute') || call.given.positional.length > 1) return odd(call)
  return onItems(value, (items) => {
    if (isTrue(isExact.value)) return ok(distinct(items))
    const seen: Value[] = []
    const kept = items.filter((item) => {
      const key = typeof item === 'string' ? item.toLowerCase() : item
      const isNew = !has(seen, key)
      if (isNew) seen.push(key)
      return isNew
    })
    return ok(kept)
  })
}

function withOther(make: (left: readonly Value[], right: readonly Value[]) => Value): ValueFilter {
  return (value, call) => {
    const other = argumentValue(call, 0, 'b')
    if (!other.ok) return other
    if (!isValueList(value) || !isValueList(other.value)) return odd(call)
    return ok(make(value, other.value))
  }
}

function flatten(value: Value, call: FilterCall): Outcome {
  const levels = argumentValue(call, 0, 'levels')
  if (!levels.ok) return levels
  if (call.given.named.has('skip_nulls') || call.given.positional.length > 1) return odd(call)
  const depth = levels.value === null ? Infinity : Number(numberOf(levels.value) ?? 0)
  return onItems(value, (items) => ok(flat(items, depth)))
}

function flat(items: readonly Value[], levels: number): Value[] {
  return items.flatMap((item) => {
    if (item === null || item === 'None' || item === 'null') return []
    const inner = itemsOf(item)
    return inner === null || levels < 1 ? [item] : flat(inner, levels - 1)
  })
}

function combine(value: Value, call: FilterCall): Outcome {
  const isRecursive = argumentValue(call, -1, 'recursive', false)
  if (!isRecursive.ok) return isRecursive
  const others = each(call.given.positional, (part) => valueOf(part, call.around))
  if (!others.ok) return others
  const maps = flat([value, ...others.value], 1)
  if (call.given.named.has('list_merge') || !maps.every(isValueMap)) return odd(call)
  const depth = isTrue(isRecursive.value) ? Infinity : 1
  return ok(maps.reduce<ValueMap>((low, high) => mergeMaps(low, high, depth), new Map()))
}

function mergeMaps(low: ValueMap, high: ValueMap, depth: number): ValueMap {
  const merged = new Map(low)
  for (const [key, item] of high) {
    const same = equalKey(merged, key) ?? key
    const before = merged.get(same)
    const isNested = depth > 1 && isValueMap(before) && isValueMap(item)
    merged.set(same, isNested ? mergeMaps(before, item, depth - 1) : item)
  }
  return merged
}

function toItems(value: Value): Outcome {
  if (!isValueMap(value)) return fail(mistaken(`makes items of ${nameKind(value)}`))
  return ok(
    [...value].map(([key, item]) =>
      pythonMap([
        ['key', key],
        ['value', item],
      ]),
    ),
  )
}

function fromItems(value: Value): Outcome {
  const items = iterate(value)
  if (!items.ok) return items
  const entries = each(items.value, (item): Outcome<readonly [Key, Value]> => {
    const key = isValueMap(item) ? item.get('key') : undefined
    const held = isValueMap(item) ? item.get('value') : undefined
    if (key === undefined || held === undefined || !isKey(key)) {
      return fail(mistaken('makes a mapping of items without key and value'))
    }
    return ok([key, held])
  })
  return entries.ok ? ok(pythonMap(entries.value)) : entries
}
