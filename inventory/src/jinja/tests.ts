/** Jinja's tests: what stands behind `is`. */
import { fail, ok } from '@timeball/lib/result.ts'
import { type Value, isValueMap, itemsOf } from '../value.ts'
import { type Application, argumentValue, baseName } from './arguments.ts'
import { isTrue, numberOf } from './compare.ts'
import type { Comparison } from './expression.ts'
import { type Outcome, isSpecial, valueOf } from './operand.ts'
import { compareTwo } from './order.ts'
import { unsupported } from './trouble.ts'

/** Tests of one value. */
const kinds: ReadonlyMap<string, (value: Value) => boolean> = new Map<
  string,
  (value: Value) => boolean
>([
  ['none', (value) => value === null],
  ['boolean', (value) => typeof value === 'boolean'],
  ['true', (value) => value === true],
  ['false', (value) => value === false],
  ['integer', (value) => typeof value === 'bigint'],
  ['float', (value) => typeof value === 'number'],
  ['number', (value) => numberOf(value) !== null],
  ['string', (value) => typeof value === 'string'],
  ['mapping', isValueMap],
  ['sequence', isSequence],
  ['iterable', isSequence],
  ['truthy', isTrue],
  ['falsy', (value) => !isTrue(value)],
])

/** Tests that only look at the kind, which what is missing has none of. */
const byKind: ReadonlySet<string> = new Set([
  ...['none', 'boolean', 'true', 'false', 'integer', 'float', 'number', 'string', 'mapping'],
])

/** Whatever has a length and items. */
function isSequence(value: Value): boolean {
  return typeof value === 'string' || isValueMap(value) || itemsOf(value) !== null
}

const comparisons: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ...(['==', 'eq', 'equalto'] as const).map((name) => [name, '=='] as const),
  ...(['!=', 'ne'] as const).map((name) => [name, '!='] as const),
  ...(['<', 'lt', 'lessthan'] as const).map((name) => [name, '<'] as const),
  ...(['<=', 'le'] as const).map((name) => [name, '<='] as const),
  ...(['>', 'gt', 'greaterthan'] as const).map((name) => [name, '>'] as const),
  ...(['>=', 'ge'] as const).map((name) => [name, '>='] as const),
  ['in', 'in'],
])

export function applyTest(application: Application): Outcome<boolean> {
  const { of, around } = application
  const name = baseName(application.name)
  const isMissing = isSpecial(of) && (of.kind === 'missing' || of.kind === 'nothing')
  if (name === 'defined' || name === 'undefined') return ok(isMissing === (name === 'undefined'))
  if (isMissing && byKind.has(name)) return ok(false)
  const value = valueOf(of, around)
  if (!value.ok) return value
  const kind = kinds.get(name)
  if (kind !== undefined) return ok(kind(value.value))
  const other = argumentValue(application, 0, '')
  if (!other.ok) return other
  const comparison = comparisons.get(name)
  if (comparison !== undefined) return compareTwo(comparison, value.value, other.value)
  if (name === 'contains') return compareTwo('in', other.value, value.value)
  return testNumber(name, value.value, other.value)
}

function testNumber(name: string, value: Value, other: Value): Outcome<boolean> {
  if (typeof value === 'bigint') {
    if (name === 'odd') return ok(value % 2n !== 0n)
    if (name === 'even') return ok(value % 2n === 0n)
    if (name === 'divisibleby' && typeof other === 'bigint' && other !== 0n) {
      return ok(value % other === 0n)
    }
  }
  return fail(unsupported(`uses the test "${name}"`))
}
