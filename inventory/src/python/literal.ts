/**
 * Python's `ast.literal_eval`, which Ansible tries on each value of an INI inventory and on what
 * templates make: `5`, `'a'`, `[1, 2]`, `{'a': None}`. What Python holds to be no literal stays text.
 */
import { type Key, type Value, isTagged, isValueList, isValueMap, pythonMap } from '../value.ts'
import { readPythonString } from './string-literal.ts'

export type LiteralReading =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'bytes'; readonly text: string }
  | { readonly kind: 'text' }
  /** A literal of a kind that no inventory can print: a set, a complex number, bytes in a list. */
  | { readonly kind: 'unsupported'; readonly what: string }

/** `json`: `true`, `false` and `null` are known, too, as in `ansible_eval_concat`. */
export type Names = 'python' | 'json'

export function readLiteral(text: string, names: Names = 'python'): LiteralReading {
  if (text.includes('\0')) return { kind: 'text' }
  const reader: Reader = { text, at: 0, depth: 0, names: constants[names], unsupported: null }
  skipBlanks(reader)
  const found = readTuple(reader, null)
  const end = reader.at
  skipLines(reader)
  // Blanks on a line of their own would be an indentation.
  const isIndented = /\n[ \t]+$/.test(text.slice(end))
  if (found === null || reader.at < text.length || isIndented) return { kind: 'text' }
  if (reader.unsupported !== null) return { kind: 'unsupported', what: reader.unsupported }
  if (found.kind === 'bytes') return found
  return { kind: 'value', value: found.value }
}

interface Reader {
  readonly text: string
  at: number
  depth: number
  readonly names: ReadonlyMap<string, Value>
  unsupported: string | null
}

type Found =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'bytes'; readonly text: string }

const python: readonly (readonly [string, Value])[] = [
  ['None', null],
  ['True', true],
  ['False', false],
]

const constants = {
  python: new Map(python),
  json: new Map<string, Value>([...python, ['null', null], ['true', true], ['false', false]]),
}

/** Python allows no more brackets inside each other than this. */
const deepest = 200

function skipBlanks(reader: Reader): void {
  take(reader, /[ \t\f]*/y)
}

/** Blanks, line breaks and comments, which mean nothing inside of brackets and after the end. */
function skipLines(reader: Reader): void {
  take(reader, /(?:[ \t\f\r\n]|#[^\n]*)*/y)
}

/** What a sticky pattern finds here; it is passed then. */
function take(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)
  if (found === null) return null
  reader.at += found[0].length
  return found[0]
}

/** One value, or several with commas, which are a tuple, up to `close` or the end of the text. */
function readTuple(reader: Reader, close: ')' | null): Found | null {
  const skip = close === null ? skipBlanks : skipLines
  const items: Value[] = []
  for (;;) {
    skip(reader)
    if (items.length > 0 && isEnd(reader, close)) break
    const found = readItem(reader)
    if (found === null) return null
    skip(reader)
    const isLast = take(reader, /,/y) === null
    if (isLast && items.length === 0) return found
    items.push(itemValue(reader, found))
    if (isLast) break
  }
  return value({ kind: 'tuple', items })
}

function isEnd(reader: Reader, close: ')' | null): boolean {
  const next = reader.text[reader.at]
  return close === null ? next === undefined || next === '#' || next === '\n' : next === close
}

function itemValue(reader: Reader, found: Found): Value {
  if (found.kind === 'value') return found.value
  reader.unsupported ??= 'bytes'
  return found.text
}

function readItem(reader: Reader): Found | null {
  const next = reader.text[reader.at] ?? ''
  if (next === '[' || next === '(' || next === '{') {
    if (reader.depth >= deepest) return null
    reader.depth++
    reader.at++
    const found =
      next === '[' ? readList(reader) : next === '(' ? readParens(reader) : readBraces(reader)
    reader.depth--
    return found
  }
  if (/[-+.0-9]/.test(next)) return readNumbers(reader)
  return readStrings(reader) ?? readName(reader)
}

function value(found: Value): Found {
  return { kind: 'value', value: found }
}

function readName(reader: Reader): Found | null {
  if (take(reader, /set\s*\(\s*\)/y) !== null) return unsupported(reader, 'a set')
  const name = take(reader, /[A-Za-z_]\w*/y)
  const known = name === null ? undefined : reader.names.get(name)
  return known === undefined ? null : value(known)
}

function unsupported(reader: Reader, what: string): Found {
  reader.unsupported ??= what
  return value(null)
}

function readList(reader: Reader): Found | null {
  const items: Value[] = []
  for (;;) {
    skipLines(reader)
    if (take(reader, /\]/y) !== null) return value(items)
    const found = readItem(reader)
    if (found === null) return null
    items.push(itemValue(reader, found))
    skipLines(reader)
    if (take(reader, /,/y) === null) return take(reader, /\]/y) === null ? null : value(items)
  }
}

function readParens(reader: Reader): Found | null {
  skipLines(reader)
  if (take(reader, /\)/y) !== null) return value({ kind: 'tuple', items: [] })
  const found = readTuple(reader, ')')
  skipLines(reader)
  return found === null || take(reader, /\)/y) === null ? null : found
}

/** A dict; a set is no value of an inventory. */
function readBraces(reader: Reader): Found | null {
  const entries: [Key, Value][] = []
  let isSet = false
  for (;;) {
    skipLines(reader)
    if (take(reader, /\}/y) !== null) break
    const found = readItem(reader)
    if (found === null) return null
    const key = itemValue(reader, found)
    skipLines(reader)
    const isPair = take(reader, /:/y) !== null
    if (entries.length === 0 && !isPair) isSet = true
    if (isPair === isSet) return null
    skipLines(reader)
    const item = isPair ? readItem(reader) : value(null)
    if (item === null) return null
    entries.push([keyOf(reader, key), itemValue(reader, item)])
    skipLines(reader)
    if (take(reader, /,/y) !== null) continue
    if (take(reader, /\}/y) === null) return null
    break
  }
  return isSet ? unsupported(reader, 'a set') : value(pythonMap(entries))
}

function keyOf(reader: Reader, key: Value): Key {
  if (!isValueList(key) && !isValueMap(key) && !isTagged(key)) return key
  reader.unsupported ??= 'a list or mapping as a key'
  return null
}

/** A number with at most one sign; `1+2j` is one as well, but of a kind that is not supported. */
function readNumbers(reader: Reader): Found | null {
  if (take(reader, /\.\.\./y) !== null) return unsupported(reader, 'an ellipsis')
  const sign = take(reader, /[-+]/y)
  if (sign !== null) skipBlanks(reader)
  const number = readNumber(reader)
  if (number === null) return null
  const before = reader.at
  skipBlanks(reader)
  if (take(reader, /[-+]/y) !== null) {
    skipBlanks(reader)
    const isComplex = /[jJ]$/.test(takeNumeral(reader) ?? '')
    return isComplex ? unsupported(reader, 'a complex number') : null
  }
  reader.at = before
  return value(sign === '-' ? -number : number)
}

/** Python reads no more decimal digits than this. */
const mostDigits = 4300

function readNumber(reader: Reader): bigint | number | null {
  const numeral = takeNumeral(reader)
  if (numeral === null || /\w/.test(reader.text[reader.at] ?? '')) return null
  const bare = numeral.replaceAll('_', '').toLowerCase()
  if (/^0[xob]/.test(bare)) return BigInt(bare)
  if (bare.endsWith('j')) {
    reader.unsupported ??= 'a complex number'
    return 0n
  }
  if (/[.e]/.test(bare)) return Number(bare)
  const isOctal = /^0+[1-9]/.test(bare)
  return isOctal || bare.length > mostDigits ? null : BigInt(bare)
}

/** The numeral that starts here, with its underscores; `null` when Python takes it for none. */
function takeNumeral(reader: Reader): string | null {
  const based = take(reader, /0(?:[xX][0-9a-fA-F_]+|[oO][0-7_]+|[bB][01_]+)/y)
  if (based !== null) return isGrouped(based.slice(2).replace(/^_/, '')) ? based : null
  const whole = take(reader, /[0-9_]*/y) ?? ''
  const point = take(reader, /\./y) ?? ''
  const fraction = point === '' ? '' : (take(reader, /[0-9_]*/y) ?? '')
  const exponent = take(reader, /[eE][-+]?[0-9_]+/y) ?? ''
  const suffix = take(reader, /[jJ]/y) ?? ''
  const groups = [whole, fraction, exponent.replace(/^[eE][-+]?/, '')].filter((each) => each !== '')
  const isNumber = whole + fraction !== '' && groups.every(isGrouped)
  return isNumber ? whole + point + fraction + exponent + suffix : null
}

/** Underscores stand between digits, one at a time. */
function isGrouped(digits: string): boolean {
  return digits !== '' && !/^_|__|_$/.test(digits)
}

/** Texts that follow each other are one; bytes only go with bytes. */
function readStrings(reader: Reader): Found | null {
  let text = ''
  let kind: 'text' | 'bytes' | null = null
  for (;;) {
    const found = readPythonString(reader.text, reader.at)
    if (found === null) break
    if (found.kind === 'mistake' || (kind !== null && kind !== found.kind)) return null
    if (found.kind === 'unsupported') reader.unsupported ??= found.what
    else {
      kind = found.kind
      text += found.text
    }
    reader.at = found.end
    if (reader.depth > 0) skipLines(reader)
    else skipBlanks(reader)
  }
  if (kind === null) return reader.unsupported === null ? null : value(null)
  return kind === 'bytes' ? { kind, text } : value(text)
}
