/** `a.b`, `a[b]` and `a[b:c]`, as Jinja's environment looks them up. */
import { fail, ok } from '@timeball/lib/result.ts'
import { pythonText } from '../python/format.ts'
import { type Value, equalKey, isKey, isTagged, isValueMap, itemsOf } from '../value.ts'
import { isMethod, isOtherAttribute } from './methods.ts'
import {
  type Operand,
  type Outcome,
  type Surroundings,
  isSpecial,
  missing,
  valueOf,
} from './operand.ts'
import { mistaken, unsupported } from './trouble.ts'

/** Python's attribute first, then the item of that name. */
export function attributeOf(operand: Operand, name: string, around: Surroundings): Outcome {
  if (isSpecial(operand)) {
    if (operand.kind === 'missing') return ok(operand)
    if (operand.kind === 'hostvars') return itemOf(operand, name, around)
    if (operand.kind === 'hostvars-of') return itemOf(operand, name, around)
  }
  const value = valueOf(operand, around)
  if (!value.ok) return value
  if (isMethod(value.value, name)) return ok({ kind: 'method', of: value.value, name })
  if (isOtherAttribute(value.value, name)) return fail(unsupported(`uses Python's .${name}`))
  return memberOf(value.value, name)
}

/** The item first, then Python's attribute of that name. */
export function itemOf(operand: Operand, key: Value, around: Surroundings): Outcome {
  if (isSpecial(operand)) {
    if (operand.kind === 'missing') return ok(operand)
    if (operand.kind === 'hostvars') return hostOf(key, around)
    if (operand.kind === 'hostvars-of') return variableOf(operand.host, key, around)
  }
  const value = valueOf(operand, around)
  if (!value.ok) return value
  const found = memberOf(value.value, key)
  const isMissing = found.ok && isSpecial(found.value) && found.value.kind === 'missing'
  if (isMissing && typeof key === 'string' && isMethod(value.value, key)) {
    return ok({ kind: 'method', of: value.value, name: key })
  }
  return found
}

function hostOf(key: Value, around: Surroundings): Outcome {
  if (typeof key !== 'string' || !around.hasHost(key)) {
    return ok(missing(`asks for the host "${pythonText(key)}", which is not in the inventory`))
  }
  return ok({ kind: 'hostvars-of', host: key })
}

function variableOf(host: string, key: Value, around: Surroundings): Outcome {
  const found = typeof key === 'string' ? around.variableOf(host, key) : null
  const what = `asks for the variable "${pythonText(key)}", which is not defined for ${host}`
  return found ?? ok(missing(what))
}

function memberOf(value: Value, key: Value): Outcome {
  const shown = pythonText(key).slice(0, 60)
  const absent = missing(`asks for "${shown}", which is not there`)
  if (isValueMap(value)) {
    const same = isKey(key) ? equalKey(value, key) : undefined
    return ok(same === undefined ? absent : (value.get(same) ?? null))
  }
  const items = itemsOf(value) ?? (typeof value === 'string' ? Array.from(value) : null)
  const isIndex = typeof key === 'boolean' || typeof key === 'bigint'
  const found = isIndex ? items?.at(Number(key)) : undefined
  return ok(found === undefined ? absent : found)
}

/** Python's slices: what is outside is left out, negative places count from the end. */
export function sliceOf(value: Value, bounds: readonly (Value | null)[]): Outcome<Value> {
  const numbers = bounds.map((bound) => (typeof bound === 'bigint' ? Number(bound) : null))
  const isSound = bounds.every((bound, index) => bound === null || numbers[index] !== null)
  const items = itemsOf(value)
  if (!isSound || (items === null && typeof value !== 'string')) {
    return fail(mistaken('slices what is no list or text'))
  }
  const [start = null, end = null, step = null] = numbers
  const every = step ?? 1
  if (every < 1) return fail(unsupported('slices backwards'))
  const cut = <T>(all: readonly T[]): T[] =>
    all.slice(start ?? 0, end ?? undefined).filter((_, index) => index % every === 0)
  if (typeof value === 'string') return ok(cut(Array.from(value)).join(''))
  const chosen = cut(items ?? [])
  return ok(isTagged(value) ? { kind: 'tuple', items: chosen } : chosen)
}
