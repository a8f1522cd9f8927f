/** What the parts of an expression come to: values, and what exists only while it is evaluated. */
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { type Value, isEncrypted, isTagged, isValueMap, itemsOf } from '../value.ts'
import { type Trouble, mistaken, unsupported } from './trouble.ts'

export type Operand = Value | Special

export type Special =
  /** Jinja's Undefined; any use of it but `default` and `is defined` fails. */
  | ({ readonly kind: 'missing' } & Pick<Trouble, 'what' | 'fix' | 'place'>)
  /** What an `if` that is not true comes to without `else`: false, and as a text nothing. */
  | { readonly kind: 'nothing' }
  /** The variable `hostvars`. */
  | { readonly kind: 'hostvars' }
  | { readonly kind: 'hostvars-of'; readonly host: string }
  | { readonly kind: 'method'; readonly of: Value; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  /** Python's `dict.items()` and the like: a list once it is put out or filtered. */
  | { readonly kind: 'view'; readonly items: readonly Value[] }
  /** A text of a filter such as `to_json`: it is never read as a list or mapping. */
  | { readonly kind: 'native-text'; readonly text: string }

const specialKinds: ReadonlySet<string> = new Set([
  ...['missing', 'nothing', 'hostvars', 'hostvars-of', 'method', 'function', 'view'],
  'native-text',
])

export function isSpecial(operand: Operand): operand is Special {
  const isObject = typeof operand === 'object' && operand !== null && 'kind' in operand
  return isObject && specialKinds.has(operand.kind)
}

export type Outcome<T = Operand> = Result<T, Trouble>

/** What an expression can ask for. */
export interface Surroundings {
  /** `null`: there is no variable of that name. */
  variable(name: string): Outcome | null
  /** A variable of another host; `null`: it has none of that name. */
  variableOf(host: string, name: string): Outcome | null
  hasHost(host: string): boolean
  /** The name that was probably meant. */
  suggest(name: string): string | null
  environment(name: string): string | undefined
  decrypt(text: string): Outcome<string>
  /** Counts the characters that are made; fails when they are too many. */
  spend(characters: number): Trouble | null
}

export function missing(what: string, fix: string | null = null): Operand {
  return { kind: 'missing', what, fix, place: null }
}

/** What is put out or filtered: there a view is unrolled. */
export function unrolled(operand: Operand): Operand {
  return isSpecial(operand) && operand.kind === 'view' ? operand.items : operand
}

/** The operand as a value; encrypted and unsafe texts become texts. */
export function valueOf(operand: Operand, around: Surroundings): Outcome<Value> {
  if (!isSpecial(operand)) return clear(operand, around)
  switch (operand.kind) {
    case 'missing':
      return fail({ ...operand, kind: 'undefined' })
    case 'nothing':
      return fail(mistaken('uses an "if" that is not true, without "else"', 'Write the else'))
    case 'native-text':
      return ok(operand.text)
    case 'hostvars':
    case 'hostvars-of':
      return fail(unsupported('uses all variables of a host at once'))
    case 'method':
      return fail(mistaken(`uses .${operand.name} without calling it`))
    case 'function':
      return fail(unsupported(`uses ${operand.name} as a value`))
    case 'view':
      return fail(unsupported('uses the items of a mapping as a value; put |list behind it'))
  }
}

function clear(value: Value, around: Surroundings): Outcome<Value> {
  if (!isTagged(value)) return ok(value)
  if (value.kind === 'unsafe') return ok(value.text)
  return value.kind === 'vault' ? around.decrypt(value.text) : ok(value)
}

/** The value with everything in it decrypted, as it has to be for a text. */
export function deepValueOf(operand: Operand, around: Surroundings): Outcome<Value> {
  if (isSpecial(operand) && operand.kind === 'nothing') return ok('')
  const value = valueOf(operand, around)
  return value.ok && holdsEncrypted(value.value) ? decryptAll(value.value, around) : value
}

function holdsEncrypted(value: Value): boolean {
  if (isEncrypted(value)) return true
  const items = itemsOf(value) ?? (isValueMap(value) ? [...value.values()] : [])
  return items.some(holdsEncrypted)
}

function decryptAll(value: Value, around: Surroundings): Outcome<Value> {
  const items = itemsOf(value)
  if (items !== null) return each(items, (item) => decryptAll(item, around))
  if (!isValueMap(value)) return clear(value, around)
  const values = each([...value.values()], (item) => decryptAll(item, around))
  if (!values.ok) return values
  return ok(new Map([...value.keys()].map((key, index) => [key, values.value[index] ?? null])))
}

/** What is made of a value, or the trouble that there was with it. */
export function chain<T, U>(outcome: Outcome<T>, make: (value: T) => Outcome<U>): Outcome<U> {
  return outcome.ok ? make(outcome.value) : outcome
}

/** The outcomes of all items, or the first trouble. */
export function each<T, U>(items: Iterable<T>, make: (item: T) => Outcome<U>): Outcome<U[]> {
  const made: U[] = []
  for (const item of items) {
    const outcome = make(item)
    if (!outcome.ok) return outcome
    made.push(outcome.value)
  }
  return ok(made)
}

/** What a value is called in a message. */
export function nameKind(value: Value): string {
  if (value === null) return 'nothing'
  if (itemsOf(value) !== null) return 'a list'
  if (isValueMap(value)) return 'a mapping'
  if (isTagged(value)) return `a ${value.kind}`
  return typeof value === 'string'
    ? 'a text'
    : typeof value === 'boolean'
      ? 'a boolean'
      : 'a number'
}
