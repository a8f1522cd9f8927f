/** The functions of Jinja and Ansible that inventories call. */
import { fail, ok } from '@timeball/lib/result.ts'
import { type Key, type Value, pythonMap } from '../value.ts'
import { type Arguments, argumentValue, baseName } from './arguments.ts'
import { type Operand, type Outcome, type Surroundings, each, missing, valueOf } from './operand.ts'
import { mistaken, unsupported } from './trouble.ts'

const functions = new Map<string, (given: Arguments, around: Surroundings) => Outcome>([
  ['lookup', (given, around) => lookUp(given, around, 'joined')],
  ['query', (given, around) => lookUp(given, around, 'list')],
  ['q', (given, around) => lookUp(given, around, 'list')],
  ['range', range],
  ['dict', dict],
])

/** Functions of Jinja and Ansible that have no value here. */
const others = new Set(['now', 'undef', 'namespace', 'cycler', 'joiner', 'lipsum', 'omit'])

export function isFunction(name: string): boolean {
  return functions.has(name) || others.has(name)
}

export function callFunction(name: string, given: Arguments, around: Surroundings): Outcome {
  const found = functions.get(name)
  return found === undefined
    ? fail(unsupported(`uses the function ${name}()`))
    : found(given, around)
}

type Form = 'joined' | 'list'

function lookUp(given: Arguments, around: Surroundings, form: Form): Outcome {
  const [first, ...terms] = given.positional
  const plugin = first === undefined ? ok(null) : valueOf(first, around)
  if (!plugin.ok) return plugin
  const name = typeof plugin.value === 'string' ? baseName(plugin.value) : null
  if (name === null) return fail(mistaken('looks up without saying where'))
  const known = [...given.named.keys()].every((option) => option === 'default')
  if ((name !== 'env' && name !== 'vars') || !known) {
    return fail(unsupported(`uses the lookup "${name}"`))
  }
  const plain = each(terms, (term) => valueOf(term, around))
  if (!plain.ok) return plain
  const found = each(plain.value, (term) => lookUpOne({ name, term, given, around }))
  if (!found.ok) return found
  return ok(form === 'list' ? found.value : joinFound(found.value))
}

interface LookUp {
  readonly name: 'env' | 'vars'
  readonly term: Value
  readonly given: Arguments
  readonly around: Surroundings
}

function lookUpOne({ name, term, given, around }: LookUp): Outcome<Value> {
  if (typeof term !== 'string' || term.trim() === '') {
    return fail(mistaken(`looks up what is no name in "${name}"`))
  }
  if (name === 'env') {
    const found = around.environment(term.trim().split(/\s/)[0] ?? '')
    return found === undefined ? argumentValue({ given, around }, -1, 'default', '') : ok(found)
  }
  const variable = around.variable(term)
  if (variable !== null) return variable.ok ? valueOf(variable.value, around) : variable
  if (given.named.has('default')) return argumentValue({ given, around }, -1, 'default')
  return valueOf(missing(`looks up the variable "${term}", which is not defined`), around)
}

/** Texts are joined with commas; a single value of another kind stays what it is. */
function joinFound(found: readonly Value[]): Value {
  const texts = found.filter((each) => typeof each === 'string')
  const [first = null] = found
  if (texts.length === found.length) return texts.join(',')
  return found.length === 1 ? first : found
}

const longestRange = 10_000

function range({ positional }: Arguments, around: Surroundings): Outcome {
  const bounds = each(positional, (part) => valueOf(part, around))
  if (!bounds.ok) return bounds
  const numbers = bounds.value.filter((bound) => typeof bound === 'bigint').map(Number)
  if (numbers.length !== positional.length || numbers.length === 0 || numbers.length > 3) {
    return fail(mistaken('calls range() without whole numbers'))
  }
  const [first = 0, second, step = 1] = numbers
  const [start, end] = second === undefined ? [0, first] : [first, second]
  if (step === 0) return fail(mistaken('calls range() with steps of 0'))
  const count = Math.max(0, Math.ceil((end - start) / step))
  if (count > longestRange) return fail(unsupported(`makes a range of ${count} numbers`))
  return ok(Array.from({ length: count }, (_, index) => BigInt(start + index * step)))
}

function dict({ positional, named }: Arguments, around: Surroundings): Outcome {
  if (positional.length > 0) return fail(unsupported('calls dict() with a list'))
  const entries = each(
    named,
    ([key, operand]: readonly [string, Operand]): Outcome<readonly [Key, Value]> => {
      const value = valueOf(operand, around)
      return value.ok ? ok([key, value.value]) : value
    },
  )
  return entries.ok ? ok(pythonMap(entries.value)) : entries
}
