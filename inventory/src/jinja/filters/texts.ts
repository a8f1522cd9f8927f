/** Filters that make texts. */
import { fail, ok } from '@timeball/lib/result.ts'
import { formatJsonLine } from '../../python/json-line.ts'
import { pythonText } from '../../python/format.ts'
import type { Value } from '../../value.ts'
import { argumentValue } from '../arguments.ts'
import { callMethod } from '../methods.ts'
import { type Outcome, deepValueOf, each, valueOf } from '../operand.ts'
import { attributeOfItem } from './attributes.ts'
import { type FilterCall, type ValueFilter, alone, iterate, odd } from './value-filter.ts'

export const textFilters: readonly (readonly [string, ValueFilter])[] = [
  ['string', (value, { around }) => native(deepValueOf(value, around))],
  ['to_json', toJson],
  ['lower', onText((text) => text.toLowerCase())],
  ['upper', onText((text) => text.toUpperCase())],
  ['capitalize', onText((text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase())],
  ['trim', onText((text) => text.trim())],
  ['basename', onText((text) => text.slice(text.lastIndexOf('/') + 1))],
  ['dirname', onText(dirname)],
  ['quote', onText(quote)],
  ['b64encode', onText((text) => bytesToBase64(new TextEncoder().encode(text)))],
  ['replace', replace],
  ['join', join],
  ['split', split],
]

function onText(make: (text: string) => string): ValueFilter {
  return alone((value) => ok(make(pythonText(value))))
}

function native(value: Outcome<Value>): Outcome {
  return value.ok ? ok({ kind: 'native-text', text: pythonText(value.value) }) : value
}

function toJson(value: Value, call: FilterCall): Outcome {
  if (call.given.positional.length + call.given.named.size > 0) return odd(call)
  const clear = deepValueOf(value, call.around)
  return clear.ok ? ok({ kind: 'native-text', text: formatJsonLine(clear.value) }) : clear
}

/** Python's `os.path.dirname`. */
function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1)
  let end = head.length
  while (end > 0 && head[end - 1] === '/') end--
  return end === 0 ? head : head.slice(0, end)
}

/** Python's `shlex.quote`. */
function quote(text: string): string {
  if (text !== '' && /^[\w@%+=:,./-]+$/.test(text)) return text
  return `'${text.replaceAll("'", `'"'"'`)}'`
}

function bytesToBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function replace(value: Value, call: FilterCall): Outcome {
  const old = argumentValue(call, 0, 'old')
  const by = argumentValue(call, 1, 'new')
  if (!old.ok) return old
  if (!by.ok) return by
  if (call.given.positional.length + call.given.named.size !== 2) return odd(call)
  return ok(pythonText(value).replaceAll(pythonText(old.value), () => pythonText(by.value)))
}

function join(value: Value, call: FilterCall): Outcome {
  const items = iterate(value)
  const separator = argumentValue(call, 0, 'd', '')
  const attribute = argumentValue(call, 1, 'attribute')
  if (!items.ok) return items
  if (!separator.ok) return separator
  if (!attribute.ok) return attribute
  const parts = each(items.value, (item) => {
    const part =
      attribute.value === null ? ok(item) : attributeOfItem(item, attribute.value, call.around)
    const clear = part.ok ? deepValueOf(part.value, call.around) : part
    return clear.ok ? ok(pythonText(clear.value)) : clear
  })
  if (!parts.ok) return parts
  const text = parts.value.join(pythonText(separator.value))
  const trouble = call.around.spend(text.length)
  return trouble === null ? ok(text) : fail(trouble)
}

function split(value: Value, call: FilterCall): Outcome {
  if (typeof value !== 'string' || call.given.named.size > 0) return odd(call)
  const given = each(call.given.positional, (part) => valueOf(part, call.around))
  if (!given.ok) return given
  return callMethod(value, 'split', given.value)
}
