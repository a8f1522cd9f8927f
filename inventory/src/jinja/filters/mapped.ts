/** Filters that apply another filter or test to each item. */
import { fail, ok } from '@timeball/lib/result.ts'
import type { Value } from '../../value.ts'
import { itemOf } from '../access.ts'
import { type Application, type Arguments, argument, baseName } from '../arguments.ts'
import { isTrue } from '../compare.ts'
import { type Operand, type Outcome, chain, each, isSpecial, valueOf } from '../operand.ts'
import { applyTest } from '../tests.ts'
import { mistaken } from '../trouble.ts'
import { attributeOfItem } from './attributes.ts'
import { type FilterCall, type ValueFilter, iterate, odd } from './value-filter.ts'

/** Applies a filter of that name. */
export type Apply = (application: Application) => Outcome

export function mappedFilters(apply: Apply): readonly (readonly [string, ValueFilter])[] {
  return [
    ['map', (value, call) => map(value, call, apply)],
    ['select', (value, call) => choose(value, call, { isKept: true, byAttribute: false })],
    ['reject', (value, call) => choose(value, call, { isKept: false, byAttribute: false })],
    ['selectattr', (value, call) => choose(value, call, { isKept: true, byAttribute: true })],
    ['rejectattr', (value, call) => choose(value, call, { isKept: false, byAttribute: true })],
  ]
}

function map(value: Value, call: FilterCall, apply: Apply): Outcome {
  const items = iterate(value)
  if (!items.ok) return items
  const made = each(items.value, (item) => mapOne(item, call, apply))
  if (!made.ok) return made
  return each(made.value, (operand) => valueOf(operand, call.around))
}

function mapOne(item: Value, call: FilterCall, apply: Apply): Outcome {
  const { given, around } = call
  const attribute = given.named.get('attribute')
  if (given.positional.length === 0 && attribute !== undefined) {
    const name = valueOf(attribute, around)
    const found = name.ok ? attributeOfItem(item, name.value, around) : name
    return found.ok ? ok(orDefault(found.value, given.named.get('default'))) : found
  }
  const [filter, ...positional] = given.positional
  const name = filter === undefined ? ok(null) : valueOf(filter, around)
  if (!name.ok) return name
  if (typeof name.value !== 'string') return fail(mistaken('uses map() without saying what'))
  const rest: Arguments = { positional, named: given.named }
  if (baseName(name.value) === 'extract') return extract(item, rest, call)
  return apply({ name: name.value, of: item, given: rest, around })
}

function orDefault(found: Operand, fallback: Operand | undefined): Operand {
  const isMissing = isSpecial(found) && found.kind === 'missing'
  return isMissing && fallback !== undefined ? fallback : found
}

/** Ansible's `extract`: the item of a container, and what is in it. */
function extract(item: Value, given: Arguments, { around }: FilterCall): Outcome {
  const container = argument(given, 0, 'container')
  const more = argument(given, 1, 'morekeys')
  if (container === undefined) return fail(mistaken('uses extract without a container'))
  const keys = more === undefined ? ok(null) : valueOf(more, around)
  if (!keys.ok) return keys
  const rest = keys.value === null ? [] : Array.isArray(keys.value) ? keys.value : [keys.value]
  let found: Outcome = ok(container)
  for (const key of [item, ...rest]) {
    if (!found.ok) return found
    found = itemOf(found.value, key, around)
  }
  return found
}

interface Choice {
  readonly isKept: boolean
  readonly byAttribute: boolean
}

function choose(value: Value, call: FilterCall, { isKept, byAttribute }: Choice): Outcome {
  const { given, around } = call
  if (given.named.size > 0) return odd(call)
  const plain = each(given.positional, (part) => valueOf(part, around))
  if (!plain.ok) return plain
  const [attribute, name = null, ...rest] = byAttribute ? plain.value : [null, ...plain.value]
  if (attribute === undefined || (name !== null && typeof name !== 'string')) return odd(call)
  const judge = (item: Value): Outcome<boolean> =>
    chain(attribute === null ? ok(item) : attributeOfItem(item, attribute, around), (of) =>
      judgeOne(of, name, rest, call),
    )
  return chain(iterate(value), (items) =>
    chain(each(items, judge), (found) => ok(items.filter((_, index) => found[index] === isKept))),
  )
}

function judgeOne(
  of: Operand,
  name: string | null,
  rest: readonly Value[],
  { around }: FilterCall,
): Outcome<boolean> {
  if (name === null) return chain(valueOf(of, around), (value) => ok(isTrue(value)))
  return applyTest({ name, of, given: { positional: rest, named: new Map() }, around })
}
