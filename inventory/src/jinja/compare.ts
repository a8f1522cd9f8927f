/** Python's truth, equality and order of values. */
import { compareText } from '../python/compare.ts'
import {
  type Tagged,
  type Value,
  type ValueMap,
  equalKey,
  isTagged,
  isValueList,
  isValueMap,
  itemsOf,
} from '../value.ts'

/** Python's `bool(value)`. */
export function isTrue(value: Value): boolean {
  const items = itemsOf(value)
  if (items !== null) return items.length > 0
  if (isValueMap(value)) return value.size > 0
  return isTagged(value) ? true : Boolean(value)
}

/** The number that a bool, int or float is; `null` for other values. */
export function numberOf(value: Value): bigint | number | null {
  if (typeof value === 'boolean') return value ? 1n : 0n
  return typeof value === 'bigint' || typeof value === 'number' ? value : null
}

/** Python's `==`: numbers of all kinds compare by size, lists are no tuples. */
export function areEqual(left: Value, right: Value): boolean {
  const [first, second] = [numberOf(left), numberOf(right)]
  // oxlint-disable-next-line eqeqeq -- only `==` compares a bigint with a number
  if (first !== null && second !== null) return first == second
  const [a, b] = [itemsOf(left), itemsOf(right)]
  if (a !== null && b !== null) {
    const isOneKind = isValueList(left) === isValueList(right) && a.length === b.length
    return isOneKind && a.every((item, index) => areEqual(item, b[index] ?? null))
  }
  if (isValueMap(left) && isValueMap(right)) return areEqualMaps(left, right)
  if (isTagged(left) && isTagged(right)) return areEqualTagged(left, right)
  return left === right
}

function areEqualMaps(left: ValueMap, right: ValueMap): boolean {
  if (left.size !== right.size) return false
  return [...left].every(([key, item]) => {
    const same = equalKey(right, key)
    const other = same === undefined ? undefined : right.get(same)
    return other !== undefined && areEqual(item, other)
  })
}

function areEqualTagged(left: Tagged, right: Tagged): boolean {
  if (left.kind === 'tuple' || right.kind === 'tuple' || left.kind !== right.kind) return false
  return 'iso' in left && 'iso' in right && left.iso === right.iso
}

/** Less than 0, 0 or more as in Python's `<`; `null` when the two cannot be ordered. */
export function order(left: Value, right: Value): number | null {
  const [first, second] = [numberOf(left), numberOf(right)]
  if (first !== null && second !== null) return first < second ? -1 : first > second ? 1 : 0
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (isValueList(left) && isValueList(right)) return orderLists(left, right)
  return null
}

function orderLists(left: readonly Value[], right: readonly Value[]): number | null {
  for (const [index, item] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (!areEqual(item, other)) return order(item, other)
  }
  return left.length - right.length
}
