/** The value of an expression, as Jinja under Ansible gives it. Nothing is executed. */
import { fail, ok } from '@timeball/lib/result.ts'
import { pythonText } from '../python/format.ts'
import { type Key, type Value, isKey, pythonMap } from '../value.ts'
import { attributeOf, itemOf, sliceOf } from './access.ts'
import type { Arguments } from './arguments.ts'
import { isTrue, numberOf } from './compare.ts'
import type { Expression, Given } from './expression.ts'
import { applyFilter } from './filters/filters.ts'
import { callFunction, isFunction } from './functions.ts'
import { calculate } from './math.ts'
import { callMethod } from './methods.ts'
import {
  type Operand,
  type Outcome,
  type Surroundings,
  chain,
  deepValueOf,
  each,
  isSpecial,
  missing,
  nameKind,
  valueOf,
} from './operand.ts'
import { compareTwo } from './order.ts'
import { applyTest } from './tests.ts'
import { mistaken } from './trouble.ts'

type Of<Kind extends Expression['kind']> = Expression & { kind: Kind }

export function evaluate(expression: Expression, around: Surroundings): Outcome {
  switch (expression.kind) {
    case 'constant':
      return ok(expression.value)
    case 'name':
      return nameOf(expression.name, around)
    case 'list':
      return values(expression.items, around)
    case 'tuple':
      return chain(values(expression.items, around), (items) => ok({ kind: 'tuple', items }))
    case 'concat':
      return concat(expression.items, around)
    case 'dict':
      return dict(expression, around)
    default:
      return reach(expression, around)
  }
}

/** The value of an expression that must have one. */
function evaluateValue(expression: Expression, around: Surroundings): Outcome<Value> {
  return chain(evaluate(expression, around), (found) => valueOf(found, around))
}

function values(items: readonly Expression[], around: Surroundings): Outcome<Value[]> {
  return each(items, (part) => evaluateValue(part, around))
}

function nameOf(name: string, around: Surroundings): Outcome {
  const variable = around.variable(name)
  if (variable !== null) return variable
  if (name === 'hostvars') return ok({ kind: 'hostvars' })
  if (isFunction(name)) return ok({ kind: 'function', name })
  const near = around.suggest(name)
  const fix =
    near === null ? 'Define it in the inventory or its variables' : `Did you mean ${near}?`
  return ok(missing(`uses the variable "${name}", which is not defined`, fix))
}

/** `~` makes texts of everything, of nothing as well. */
function concat(items: readonly Expression[], around: Surroundings): Outcome {
  const parts = each(items, (part) =>
    chain(evaluate(part, around), (found) => deepValueOf(found, around)),
  )
  return chain(parts, (found) => {
    const text = found.map(pythonText).join('')
    const trouble = around.spend(text.length)
    return trouble === null ? ok(text) : fail(trouble)
  })
}

function dict({ entries }: Of<'dict'>, around: Surroundings): Outcome {
  const pairs = each(entries, ([keyPart, valuePart]) =>
    chain(evaluateValue(keyPart, around), (key): Outcome<readonly [Key, Value]> => {
      if (!isKey(key)) return fail(mistaken(`has ${nameKind(key)} as a key`))
      return chain(evaluateValue(valuePart, around), (value) => ok([key, value] as const))
    }),
  )
  return chain(pairs, (found) => ok(pythonMap(found)))
}

/** What looks into another value, or is applied to it. */
function reach(
  expression: Exclude<Expression, Of<'constant' | 'name' | 'list' | 'tuple' | 'concat' | 'dict'>>,
  around: Surroundings,
): Outcome {
  switch (expression.kind) {
    case 'attribute':
      return chain(evaluate(expression.of, around), (of) =>
        attributeOf(of, expression.name, around),
      )
    case 'item':
      return chain(evaluate(expression.of, around), (of) =>
        chain(evaluateValue(expression.key, around), (key) => itemOf(of, key, around)),
      )
    case 'slice':
      return slice(expression, around)
    case 'filter':
    case 'test':
    case 'call':
      return applied(expression, around)
    default:
      return logic(expression, around)
  }
}

function slice({ of, bounds }: Of<'slice'>, around: Surroundings): Outcome {
  return chain(evaluateValue(of, around), (value) => {
    const numbers = each(bounds, (bound) =>
      bound === null ? ok(null) : evaluateValue(bound, around),
    )
    return chain(numbers, (found) => sliceOf(value, found))
  })
}

function argumentsOf({ positional, named }: Given, around: Surroundings): Outcome<Arguments> {
  return chain(
    each(positional, (part) => evaluate(part, around)),
    (first) =>
      chain(
        each(named, ([, part]) => evaluate(part, around)),
        (rest) => {
          const pairs = named.map(([name], index) => [name, rest[index] ?? null] as const)
          return ok({ positional: first, named: new Map(pairs) })
        },
      ),
  )
}

function applied(expression: Of<'filter' | 'test' | 'call'>, around: Surroundings): Outcome {
  return chain(evaluate(expression.of, around), (of) =>
    chain(argumentsOf(expression.given, around), (given): Outcome => {
      if (expression.kind === 'call') return call(of, given, around)
      const { name } = expression
      const application = { name, of, given, around }
      return expression.kind === 'filter' ? applyFilter(application) : applyTest(application)
    }),
  )
}

function call(of: Operand, given: Arguments, around: Surroundings): Outcome {
  if (!isSpecial(of)) return fail(mistaken(`calls ${nameKind(of)}`))
  if (of.kind === 'function') return callFunction(of.name, given, around)
  if (of.kind === 'missing') return valueOf(of, around)
  if (of.kind !== 'method' || given.named.size > 0) {
    return fail(mistaken('calls what is no function'))
  }
  const plain = each(given.positional, (part) => valueOf(part, around))
  return chain(plain, (found) => callMethod(of.of, of.name, found))
}

type Logic = 'not' | 'negative' | 'positive' | 'and' | 'or' | 'math' | 'compare' | 'condition'

function logic(expression: Of<Logic>, around: Surroundings): Outcome {
  switch (expression.kind) {
    case 'not':
      return chain(truth(expression.of, around), (isSo) => ok(!isSo))
    case 'negative':
    case 'positive':
      return signed(expression.kind, evaluateValue(expression.of, around))
    case 'and':
    case 'or':
      return chain(evaluateValue(expression.left, around), (left) =>
        isTrue(left) === (expression.kind === 'or') ? ok(left) : evaluate(expression.right, around),
      )
    case 'math':
      return chain(evaluateValue(expression.left, around), (left) =>
        chain(evaluateValue(expression.right, around), (right) =>
          calculate(expression.operator, left, right),
        ),
      )
    case 'compare':
      return compare(expression, around)
    case 'condition':
      return condition(expression, around)
  }
}

function signed(kind: 'negative' | 'positive', of: Outcome<Value>): Outcome {
  return chain(of, (value): Outcome => {
    const number = numberOf(value)
    if (number === null) return fail(mistaken(`has a sign before ${nameKind(value)}`))
    return ok(kind === 'negative' ? -number : number)
  })
}

/** Whether Python holds an expression to be true. */
function truth(expression: Expression, around: Surroundings): Outcome<boolean> {
  return chain(evaluate(expression, around), (found) =>
    isSpecial(found) && found.kind === 'nothing'
      ? ok(false)
      : chain(valueOf(found, around), (value) => ok(isTrue(value))),
  )
}

function condition({ test, whenTrue, whenFalse }: Of<'condition'>, around: Surroundings): Outcome {
  return chain(truth(test, around), (isSo): Outcome => {
    if (isSo) return evaluate(whenTrue, around)
    if (whenFalse !== null) return evaluate(whenFalse, around)
    return ok({ kind: 'nothing' })
  })
}

function compare({ first, rest }: Of<'compare'>, around: Surroundings): Outcome<boolean> {
  let left = evaluateValue(first, around)
  for (const { operator, operand } of rest) {
    if (!left.ok) return left
    const right = evaluateValue(operand, around)
    if (!right.ok) return right
    const isSo = compareTwo(operator, left.value, right.value)
    if (!isSo.ok || !isSo.value) return isSo
    left = right
  }
  return left.ok ? ok(true) : left
}
