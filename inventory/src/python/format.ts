/** How Python writes values: `str()` and `repr()`. Encrypted values must have been decrypted. */
import { type Tagged, type Value, isTagged, isValueList, isValueMap } from '../value.ts'
import { pythonFloat } from './float.ts'
import { timestampRepr } from './timestamp.ts'

/** Python's `str(value)`, which is what a template makes of it inside of a longer text. */
export function pythonText(value: Value): string {
  if (typeof value === 'string') return value
  if (isTagged(value)) {
    if (value.kind === 'unsafe') return value.text
    if (value.kind === 'date') return value.iso
    if (value.kind === 'datetime') return value.iso.replace('T', ' ')
  }
  return pythonRepr(value)
}

/** Python's `repr(value)`. */
export function pythonRepr(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False'
    case 'bigint':
      return String(value)
    case 'number':
      return pythonFloat(value)
    case 'string':
      return textRepr(value)
    default:
      return value === null ? 'None' : compoundRepr(value)
  }
}

function compoundRepr(value: Exclude<Value, null | boolean | bigint | number | string>): string {
  if (isValueList(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (!isValueMap(value)) return taggedRepr(value)
  const entries = [...value].map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
  return `{${entries.join(', ')}}`
}

function taggedRepr(value: Tagged): string {
  switch (value.kind) {
    case 'vault':
    case 'unsafe':
      return textRepr(value.text)
    case 'tuple':
      return `(${value.items.map(pythonRepr).join(', ')}${value.items.length === 1 ? ',' : ''})`
    case 'date':
    case 'datetime':
      return timestampRepr(value)
  }
}

const escapes = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
])

function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  // str.isprintable(): nothing of the categories Other and Separator but the blank.
  const body = text.replace(/[\\\p{C}\p{Z}'"]/gu, (character) => {
    if (character === quote) return `\\${character}`
    if (/[ '"]/.test(character)) return character
    return escapes.get(character) ?? codeEscape(character.codePointAt(0) ?? 0)
  })
  return quote + body + quote
}

function codeEscape(code: number): string {
  const hex = code.toString(16)
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
