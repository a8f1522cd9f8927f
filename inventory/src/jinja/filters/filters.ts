/** Jinja's and Ansible's filters that inventories use. */
import { fail, ok } from '@timeball/lib/result.ts'
import { type Application, argument, argumentValue, baseName } from '../arguments.ts'
import { isTrue } from '../compare.ts'
import { type Operand, type Outcome, isSpecial, unrolled, valueOf } from '../operand.ts'
import { unsupported } from '../trouble.ts'
import { collectionFilters } from './collections.ts'
import { mappedFilters } from './mapped.ts'
import { numberFilters } from './numbers.ts'
import { textFilters } from './texts.ts'
import type { ValueFilter } from './value-filter.ts'

const valueFilters: ReadonlyMap<string, ValueFilter> = new Map([
  ...textFilters,
  ...numberFilters,
  ...collectionFilters,
  ...mappedFilters((application) => applyFilter(application)),
])

export function applyFilter(application: Application): Outcome {
  const name = baseName(application.name)
  const { of, given, around } = application
  if (name === 'default' || name === 'd') return withDefault(application)
  if (name === 'mandatory') {
    const value = valueOf(of, around)
    return value.ok ? ok(of) : value
  }
  if (name === 'extract') return fail(unsupported('uses the filter "extract" outside of map()'))
  const filter = valueFilters.get(name)
  if (filter === undefined) return fail(unsupported(`uses the filter "${name}"`))
  const value = valueOf(unrolled(of), around)
  return value.ok ? filter(value.value, { name, given, around }) : value
}

/** The second argument takes what is false for missing, too. */
function withDefault({ of, given, around }: Application): Outcome {
  const fallback: Operand = argument(given, 0, 'default_value') ?? ''
  if (isSpecial(of) && (of.kind === 'missing' || of.kind === 'nothing')) return ok(fallback)
  const isLoose = argumentValue({ given, around }, 1, 'boolean', false)
  if (!isLoose.ok) return isLoose
  if (!isTrue(isLoose.value)) return ok(of)
  const value = valueOf(of, around)
  return value.ok && !isTrue(value.value) ? ok(fallback) : value.ok ? ok(of) : value
}
