/** Python's arithmetic on values. */
import { fail, ok } from '@timeball/lib/result.ts'
import { type Value, isValueList, itemsOf } from '../value.ts'
import { numberOf } from './compare.ts'
import type { MathOperator } from './expression.ts'
import { type Outcome, nameKind } from './operand.ts'
import { mistaken, unsupported } from './trouble.ts'

export function calculate(operator: MathOperator, left: Value, right: Value): Outcome<Value> {
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a !== null && b !== null) {
    return typeof a === 'bigint' && typeof b === 'bigint'
      ? withIntegers(operator, a, b)
      : withFloats(operator, Number(a), Number(b))
  }
  if (operator === '+') return join(left, right)
  if (operator === '*') return repeat(left, right)
  if (operator === '%' && typeof left === 'string') return fail(unsupported('formats with %'))
  return noSuch(operator, left, right)
}

function noSuch(operator: string, left: Value, right: Value): Outcome<Value> {
  const what = `uses ${operator} between ${nameKind(left)} and ${nameKind(right)}`
  return fail(mistaken(what, operator === '+' ? 'Join texts with ~' : null))
}

function join(left: Value, right: Value): Outcome<Value> {
  if (typeof left === 'string' && typeof right === 'string') return ok(left + right)
  const [a, b] = [itemsOf(left), itemsOf(right)]
  if (a === null || b === null || isValueList(left) !== isValueList(right)) {
    return noSuch('+', left, right)
  }
  const items = [...a, ...b]
  return ok(isValueList(left) ? items : { kind: 'tuple', items })
}

/** More than this is no value of an inventory. */
const mostRepeated = 100_000

function repeat(left: Value, right: Value): Outcome<Value> {
  const [what, count] = numberOf(left) === null ? [left, numberOf(right)] : [right, numberOf(left)]
  if (typeof count !== 'bigint') return noSuch('*', left, right)
  const times = Math.max(0, Number(count))
  const length = typeof what === 'string' ? what.length : (itemsOf(what)?.length ?? 1)
  if (times * length > mostRepeated) return fail(unsupported('repeats too much'))
  if (typeof what === 'string') return ok(what.repeat(times))
  const items = itemsOf(what)
  if (items === null || !isValueList(what)) return noSuch('*', left, right)
  return ok(Array.from({ length: times }, () => items).flat())
}

function withIntegers(operator: MathOperator, a: bigint, b: bigint): Outcome<Value> {
  switch (operator) {
    case '+':
      return ok(a + b)
    case '-':
      return ok(a - b)
    case '*':
      return ok(a * b)
    case '/':
      return divideIntegers(a, b)
    case '//':
    case '%':
      return b === 0n ? byZero() : ok(operator === '%' ? modulo(a, b) : (a - modulo(a, b)) / b)
    case '**':
      return integerPower(a, b)
  }
}

function integerPower(a: bigint, b: bigint): Outcome<Value> {
  if (b < 0n) return power(Number(a), Number(b))
  return b > 1000n ? fail(unsupported('raises to a power above 1000')) : ok(a ** b)
}

/** The remainder has the sign of the divisor: Python rounds down. */
function modulo(a: bigint, b: bigint): bigint {
  return ((a % b) + b) % b
}

function byZero(): Outcome<Value> {
  return fail(mistaken('divides by zero'))
}

function divideIntegers(a: bigint, b: bigint): Outcome<Value> {
  if (isSafe(a) && isSafe(b)) return divide('/', Number(a), Number(b))
  return fail(unsupported('divides numbers of more than 15 digits'))
}

function isSafe(number: bigint): boolean {
  return Number.isSafeInteger(Number(number))
}

function withFloats(operator: MathOperator, a: number, b: number): Outcome<Value> {
  switch (operator) {
    case '+':
      return ok(a + b)
    case '-':
      return ok(a - b)
    case '*':
      return ok(a * b)
    case '**':
      return power(a, b)
    default:
      return divide(operator, a, b)
  }
}

function divide(operator: '/' | '//' | '%', a: number, b: number): Outcome<Value> {
  if (b === 0) return byZero()
  if (operator === '/') return ok(a / b)
  const whole = Math.floor(a / b)
  return ok(operator === '//' ? whole : a - whole * b)
}

function power(a: number, b: number): Outcome<Value> {
  if (a === 0 && b < 0) return byZero()
  const isComplex = a < 0 && !Number.isInteger(b)
  return isComplex ? fail(unsupported('makes a complex number')) : ok(a ** b)
}
