/** Python's comparisons, `in` among them. */
import { fail, ok } from '@timeball/lib/result.ts'
import { type Value, equalKey, isKey, isValueMap, itemsOf } from '../value.ts'
import { areEqual, order } from './compare.ts'
import type { Comparison } from './expression.ts'
import { type Outcome, nameKind } from './operand.ts'
import { mistaken } from './trouble.ts'

/** One comparison of Python. */
export function compareTwo(operator: Comparison, left: Value, right: Value): Outcome<boolean> {
  if (operator === '==') return ok(areEqual(left, right))
  if (operator === '!=') return ok(!areEqual(left, right))
  if (operator === 'in' || operator === 'not in') {
    const isIn = contains(right, left)
    if (isIn !== null) return ok(isIn === (operator === 'in'))
  }
  const place = order(left, right)
  if (place === null || operator === 'in' || operator === 'not in') {
    return fail(mistaken(`compares ${nameKind(left)} with ${nameKind(right)} by ${operator}`))
  }
  if (operator === '<') return ok(place < 0)
  if (operator === '<=') return ok(place <= 0)
  return ok(operator === '>' ? place > 0 : place >= 0)
}

/** `null`: Python cannot look into it. */
function contains(whole: Value, part: Value): boolean | null {
  if (typeof whole === 'string') return typeof part === 'string' ? whole.includes(part) : null
  if (isValueMap(whole)) return isKey(part) ? equalKey(whole, part) !== undefined : null
  return itemsOf(whole)?.some((each) => areEqual(each, part)) ?? null
}
