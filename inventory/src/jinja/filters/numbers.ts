/** Filters that make numbers and truth values. */
import { fail, ok } from '@timeball/lib/result.ts'
import type { Value } from '../../value.ts'
import { argumentValue } from '../arguments.ts'
import { isTrue, numberOf } from '../compare.ts'
import { type Outcome, nameKind } from '../operand.ts'
import { mistaken } from '../trouble.ts'
import { type FilterCall, type ValueFilter, alone, odd } from './value-filter.ts'

export const numberFilters: readonly (readonly [string, ValueFilter])[] = [
  ['int', toInteger],
  ['float', toFloat],
  ['bool', alone((value) => ok(toBoolean(value)))],
  ['abs', alone(magnitude)],
  ['round', round],
  ['ternary', ternary],
]

/** Python's `int(text)`, else that of `float(text)`, else the default. */
function toInteger(value: Value, call: FilterCall): Outcome {
  const fallback = argumentValue(call, 0, 'default', 0n)
  const base = argumentValue(call, 1, 'base', 10n)
  if (!fallback.ok) return fallback
  if (!base.ok || base.value !== 10n) return base.ok ? odd(call) : base
  const number = typeof value === 'string' ? readNumber(value) : numberOf(value)
  if (typeof number === 'bigint') return ok(number)
  return ok(
    number !== null && Number.isFinite(number) ? BigInt(Math.trunc(number)) : fallback.value,
  )
}

function toFloat(value: Value, call: FilterCall): Outcome {
  const fallback = argumentValue(call, 0, 'default', 0)
  if (!fallback.ok) return fallback
  const number = typeof value === 'string' ? readNumber(value) : numberOf(value)
  return ok(number === null ? fallback.value : Number(number))
}

/** A text that Python's `int()` or `float()` reads. */
function readNumber(text: string): bigint | number | null {
  const digits = text.trim()
  if (/__|^[-+]?_|_$/.test(digits)) return null
  const bare = digits.replaceAll('_', '')
  if (/^[-+]?[0-9]{1,4300}$/.test(bare)) return BigInt(bare.replace(/^\+/, ''))
  if (/^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(bare)) return Number(bare)
  const [, sign = '', word] = /^([-+]?)(inf|infinity|nan)$/i.exec(bare) ?? []
  if (word === undefined) return null
  return word.toLowerCase() === 'nan' ? Number.NaN : sign === '-' ? -Infinity : Infinity
}

/** Ansible's `bool`: nothing stays nothing. */
function toBoolean(value: Value): Value {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return /^(?:yes|on|1|true)$/i.test(value)
  const number = numberOf(value)
  return number !== null && Number(number) === 1
}

function magnitude(value: Value): Outcome {
  const number = numberOf(value)
  if (number === null) return fail(mistaken(`takes the size of ${nameKind(value)}`))
  return ok(number < 0 ? -number : number)
}

/** Only to whole numbers; Python rounds halves to the even one. */
function round(value: Value, call: FilterCall): Outcome {
  const precision = argumentValue(call, 0, 'precision', 0n)
  const method = argumentValue(call, 1, 'method', 'common')
  if (!precision.ok) return precision
  if (!method.ok) return method
  const number = numberOf(value)
  if (number === null || precision.value !== 0n) return odd(call)
  // `round()` of an int is an int.
  if (typeof number === 'bigint') return method.value === 'common' ? ok(number) : ok(Number(number))
  if (method.value === 'ceil') return ok(Math.ceil(number))
  if (method.value === 'floor') return ok(Math.floor(number))
  return method.value === 'common' ? ok(roundHalfEven(number)) : odd(call)
}

function roundHalfEven(number: number): number {
  const below = Math.floor(number)
  const isHalf = number - below === 0.5
  return isHalf ? below + Math.abs(below % 2) : Math.round(number)
}

function ternary(value: Value, call: FilterCall): Outcome {
  const forNone = argumentValue(call, 2, 'none_val')
  if (!forNone.ok) return forNone
  if (value === null && forNone.value !== null) return forNone
  return isTrue(value) ? argumentValue(call, 0, 'true_val') : argumentValue(call, 1, 'false_val')
}
