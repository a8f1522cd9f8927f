/** What a function, filter or test is given. */
import { ok } from '@timeball/lib/result.ts'
import type { Value } from '../value.ts'
import { type Operand, type Outcome, type Surroundings, valueOf } from './operand.ts'

export interface Arguments {
  readonly positional: readonly Operand[]
  readonly named: ReadonlyMap<string, Operand>
}

/** A filter or test, what it stands behind, and what it is given. */
export interface Application {
  /** Without `ansible.builtin.`. */
  readonly name: string
  readonly of: Operand
  readonly given: Arguments
  readonly around: Surroundings
}

/** The argument at a place, or of that name; `undefined` when it is left out. */
export function argument(
  { positional, named }: Arguments,
  place: number,
  name: string,
): Operand | undefined {
  return named.get(name) ?? positional[place]
}

/** The same as a value; `fallback` when it is left out. */
export function argumentValue(
  { given, around }: Pick<Application, 'given' | 'around'>,
  place: number,
  name: string,
  fallback: Value = null,
): Outcome<Value> {
  const found = argument(given, place, name)
  return found === undefined ? ok(fallback) : valueOf(found, around)
}

export function baseName(name: string): string {
  return name.replace(/^ansible\.builtin\./, '')
}
