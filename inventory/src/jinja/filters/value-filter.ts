import { fail, ok } from '@timeball/lib/result.ts'
import { type Value, isValueMap, itemsOf } from '../../value.ts'
import type { Arguments } from '../arguments.ts'
import { type Outcome, type Surroundings, nameKind } from '../operand.ts'
import { mistaken, unsupported } from '../trouble.ts'

export interface FilterCall {
  readonly name: string
  readonly given: Arguments
  readonly around: Surroundings
}

export type ValueFilter = (value: Value, call: FilterCall) => Outcome

/** What Python iterates over: items, characters, or the keys of a mapping. */
export function iterate(value: Value): Outcome<readonly Value[]> {
  const items = itemsOf(value)
  if (items !== null) return ok(items)
  if (typeof value === 'string') return ok(Array.from(value))
  if (isValueMap(value)) return ok([...value.keys()])
  return fail(mistaken(`goes through ${nameKind(value)} as if it were a list`))
}

/** For filters that take nothing else. */
export function alone(make: (value: Value) => Outcome): ValueFilter {
  return (value, { name, given }) =>
    given.positional.length + given.named.size === 0
      ? make(value)
      : fail(unsupported(`gives arguments to the filter "${name}"`))
}

export function odd({ name }: FilterCall): Outcome<never> {
  return fail(unsupported(`uses the filter "${name}" in a way that is not supported`))
}
