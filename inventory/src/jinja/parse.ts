/** The words of an expression into its structure. Source: jinja2/parser.py of 3.1. */
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import type { Comparison, Expression, Given, MathOperator } from './expression.ts'
import type { Token } from './lex.ts'
import {
  type Reader,
  expect,
  isNext,
  skipIf,
  takeArgumentName,
  takeComparison,
  takeDottedName,
} from './token-reader.ts'
import { type Trouble, mistaken, unsupported } from './trouble.ts'

type Parsed = Result<Expression, Trouble>

/** Expressions inside each other past this are an attack or an accident. */
const deepest = 100

export function parseExpression(tokens: readonly Token[]): Parsed {
  const reader: Reader = { tokens, at: 0, depth: 0 }
  const found = parseTuple(reader)
  if (!found.ok) return found
  const rest = reader.tokens[reader.at]
  return rest === undefined ? found : fail(mistaken(`has "${rest.text}" where it should end`))
}

/** One expression, or several with commas. */
function parseTuple(reader: Reader): Parsed {
  const items: Expression[] = []
  let isTuple = false
  for (;;) {
    if (items.length > 0 && isTupleEnd(reader)) break
    const item = parseCondition(reader)
    if (!item.ok) return item
    items.push(item.value)
    if (!skipIf(reader, ',')) break
    isTuple = true
  }
  const [first] = items
  return ok(isTuple || first === undefined ? { kind: 'tuple', items } : first)
}

function isTupleEnd(reader: Reader): boolean {
  return reader.tokens[reader.at] === undefined || isNext(reader, ')')
}

function parseCondition(reader: Reader): Parsed {
  if (++reader.depth > deepest) return fail(unsupported('is nested too deep'))
  let found = parseOr(reader)
  while (found.ok && skipIf(reader, 'if')) {
    const test = parseOr(reader)
    if (!test.ok) return test
    let whenFalse: Expression | null = null
    if (skipIf(reader, 'else')) {
      const other = parseCondition(reader)
      if (!other.ok) return other
      whenFalse = other.value
    }
    found = ok({ kind: 'condition', test: test.value, whenTrue: found.value, whenFalse })
  }
  reader.depth--
  return found
}

function parseOr(reader: Reader): Parsed {
  return parseLogic(reader, 'or', () => parseLogic(reader, 'and', () => parseNot(reader)))
}

function parseLogic(reader: Reader, kind: 'and' | 'or', operand: () => Parsed): Parsed {
  let left = operand()
  while (left.ok && skipIf(reader, kind)) {
    const right = operand()
    if (!right.ok) return right
    left = ok({ kind, left: left.value, right: right.value })
  }
  return left
}

function parseNot(reader: Reader): Parsed {
  if (!skipIf(reader, 'not')) return parseCompare(reader)
  const of = parseNot(reader)
  return of.ok ? ok({ kind: 'not', of: of.value }) : of
}

function parseCompare(reader: Reader): Parsed {
  const first = parseSum(reader)
  if (!first.ok) return first
  const rest: { operator: Comparison; operand: Expression }[] = []
  for (;;) {
    const operator = takeComparison(reader)
    if (operator === null) break
    const operand = parseSum(reader)
    if (!operand.ok) return operand
    rest.push({ operator, operand: operand.value })
  }
  return rest.length === 0 ? first : ok({ kind: 'compare', first: first.value, rest })
}

function parseMath(
  reader: Reader,
  operators: readonly MathOperator[],
  operand: (reader: Reader) => Parsed,
): Parsed {
  let left = operand(reader)
  for (;;) {
    if (!left.ok) return left
    const operator = operators.find((each) => skipIf(reader, each))
    if (operator === undefined) return left
    const right = operand(reader)
    if (!right.ok) return right
    left = ok({ kind: 'math', operator, left: left.value, right: right.value })
  }
}

function parseSum(reader: Reader): Parsed {
  return parseMath(reader, ['+', '-'], parseConcat)
}

function parseConcat(reader: Reader): Parsed {
  const items: Expression[] = []
  do {
    const item = parseMath(reader, ['*', '//', '/', '%'], parsePower)
    if (!item.ok) return item
    items.push(item.value)
  } while (skipIf(reader, '~'))
  const [first] = items
  return ok(items.length === 1 && first !== undefined ? first : { kind: 'concat', items })
}

function parsePower(reader: Reader): Parsed {
  return parseMath(reader, ['**'], (inner) => parseUnary(inner, 'with-filters'))
}

function parseUnary(reader: Reader, filters: 'with-filters' | 'bare'): Parsed {
  const sign = (['-', '+'] as const).find((each) => skipIf(reader, each))
  const inner = sign === undefined ? parsePrimary(reader) : parseUnary(reader, 'bare')
  if (!inner.ok) return inner
  const signed: Expression =
    sign === undefined
      ? inner.value
      : { kind: sign === '-' ? 'negative' : 'positive', of: inner.value }
  const whole = parsePostfix(reader, signed)
  return whole.ok && filters === 'with-filters' ? parseFilters(reader, whole.value) : whole
}

const words = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])

function parsePrimary(reader: Reader): Parsed {
  const token = reader.tokens[reader.at++]
  if (token === undefined) return fail(mistaken('ends where a value is expected'))
  if (token.kind === 'constant') return parseConstant(reader, token)
  if (token.kind === 'name') {
    const value = words.get(token.text)
    return ok(
      value === undefined ? { kind: 'name', name: token.text } : { kind: 'constant', value },
    )
  }
  if (token.text === '(') return parseParentheses(reader)
  if (token.text === '[') return parseList(reader)
  if (token.text === '{') return parseDict(reader)
  return fail(mistaken(`has "${token.text}" where a value is expected`))
}

/** Texts that follow each other are one. */
function parseConstant(reader: Reader, token: Token & { kind: 'constant' }): Parsed {
  let { value } = token
  for (let next = reader.tokens[reader.at]; typeof value === 'string';) {
    if (next?.kind !== 'constant' || typeof next.value !== 'string') break
    value += next.value
    next = reader.tokens[++reader.at]
  }
  return ok({ kind: 'constant', value })
}

function parseParentheses(reader: Reader): Parsed {
  if (skipIf(reader, ')')) return ok({ kind: 'tuple', items: [] })
  const inner = parseTuple(reader)
  const mistake = inner.ok ? expect(reader, ')') : null
  return mistake === null ? inner : fail(mistake)
}

function parseList(reader: Reader): Parsed {
  const items: Expression[] = []
  while (!skipIf(reader, ']')) {
    const comma = items.length === 0 ? null : expect(reader, ',')
    if (comma !== null) return fail(comma)
    if (skipIf(reader, ']')) break
    const item = parseCondition(reader)
    if (!item.ok) return item
    items.push(item.value)
  }
  return ok({ kind: 'list', items })
}

function parseDict(reader: Reader): Parsed {
  const entries: (readonly [Expression, Expression])[] = []
  while (!skipIf(reader, '}')) {
    const comma = entries.length === 0 ? null : expect(reader, ',')
    if (comma !== null) return fail(comma)
    if (skipIf(reader, '}')) break
    const key = parseCondition(reader)
    if (!key.ok) return key
    const colon = expect(reader, ':')
    if (colon !== null) return fail(colon)
    const value = parseCondition(reader)
    if (!value.ok) return value
    entries.push([key.value, value.value])
  }
  return ok({ kind: 'dict', entries })
}

function parsePostfix(reader: Reader, start: Expression): Parsed {
  let found: Parsed = ok(start)
  while (found.ok) {
    if (skipIf(reader, '.')) found = parseDot(reader, found.value)
    else if (skipIf(reader, '[')) found = parseSubscript(reader, found.value)
    else if (isNext(reader, '(')) found = parseCall(reader, found.value)
    else break
  }
  return found
}

function parseDot(reader: Reader, of: Expression): Parsed {
  const token = reader.tokens[reader.at++]
  if (token?.kind === 'name') return ok({ kind: 'attribute', of, name: token.text })
  if (token?.kind !== 'constant' || typeof token.value !== 'bigint') {
    return fail(mistaken('has a dot without a name or number after it'))
  }
  return ok({ kind: 'item', of, key: { kind: 'constant', value: token.value } })
}

function parseSubscript(reader: Reader, of: Expression): Parsed {
  const bounds: (Expression | null)[] = [null]
  while (!isNext(reader, ']')) {
    if (skipIf(reader, ':')) bounds.push(null)
    else {
      const part = parseCondition(reader)
      if (!part.ok) return part
      bounds[bounds.length - 1] = part.value
      if (!isNext(reader, ':', ']')) return fail(unsupported('has a subscript of several parts'))
    }
  }
  reader.at++
  const [key = null] = bounds
  if (bounds.length > 3) return fail(mistaken('has a slice of more than three parts'))
  if (bounds.length > 1) return ok({ kind: 'slice', of, bounds })
  return key === null ? fail(mistaken('has an empty subscript')) : ok({ kind: 'item', of, key })
}

function parseCall(reader: Reader, of: Expression): Parsed {
  const given = parseGiven(reader)
  return given.ok ? ok({ kind: 'call', of, given: given.value }) : given
}

function parseGiven(reader: Reader): Result<Given, Trouble> {
  const positional: Expression[] = []
  const named: (readonly [string, Expression])[] = []
  reader.at++
  while (!skipIf(reader, ')')) {
    const comma = positional.length + named.length === 0 ? null : expect(reader, ',')
    if (comma !== null) return fail(comma)
    if (skipIf(reader, ')')) break
    if (isNext(reader, '*', '**')) return fail(unsupported('gives arguments with a star'))
    const name = takeArgumentName(reader)
    const value = parseCondition(reader)
    if (!value.ok) return value
    if (name !== null) named.push([name, value.value])
    else if (named.length > 0)
      return fail(mistaken('has an argument without name after named ones'))
    else positional.push(value.value)
  }
  return ok({ positional, named })
}

function parseFilters(reader: Reader, start: Expression): Parsed {
  let found: Parsed = ok(start)
  while (found.ok) {
    if (skipIf(reader, '|')) found = parseFilter(reader, found.value)
    else if (skipIf(reader, 'is')) found = parseTest(reader, found.value)
    else if (isNext(reader, '(')) found = parseCall(reader, found.value)
    else break
  }
  return found
}

const nothing: Given = { positional: [], named: [] }

function parseFilter(reader: Reader, of: Expression): Parsed {
  const name = takeDottedName(reader)
  if (name === null) return fail(mistaken('has a | without the name of a filter'))
  const given = isNext(reader, '(') ? parseGiven(reader) : ok(nothing)
  return given.ok ? ok({ kind: 'filter', of, name, given: given.value }) : given
}

function parseTest(reader: Reader, of: Expression): Parsed {
  const isNegated = skipIf(reader, 'not')
  const name = takeDottedName(reader)
  if (name === null) return fail(mistaken('has an "is" without the name of a test'))
  const given = isNext(reader, '(') ? parseGiven(reader) : parseTestOperand(reader)
  if (!given.ok) return given
  const test: Expression = { kind: 'test', of, name, given: given.value }
  return ok(isNegated ? { kind: 'not', of: test } : test)
}

/** `is divisibleby 3`: one operand needs no parentheses. */
function parseTestOperand(reader: Reader): Result<Given, Trouble> {
  const token = reader.tokens[reader.at]
  const isOperand =
    token !== undefined &&
    (token.kind !== 'operator' || token.text === '[' || token.text === '{') &&
    !isNext(reader, 'else', 'or', 'and')
  if (!isOperand) return ok(nothing)
  if (isNext(reader, 'is')) return fail(mistaken('has an "is" after another one'))
  // `x is defined if y` and the like: Jinja takes such a word for an operand, too, and fails.
  const primary = parsePrimary(reader)
  const operand = primary.ok ? parsePostfix(reader, primary.value) : primary
  return operand.ok ? ok({ positional: [operand.value], named: [] }) : operand
}
