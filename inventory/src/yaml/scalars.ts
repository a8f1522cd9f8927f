/**
 * How PyYAML reads a plain scalar (yaml/resolver.py and yaml/constructor.py, 6.0): YAML 1.1 with
 * its own corners. `1e3` is text, `010` is 8, `1:30` is 90, `yes` is true.
 */
import type { Written } from '../value.ts'

/** What a plain scalar stands for, or why Ansible could not read it or JSON not hold it. */
export type ScalarReading =
  | { readonly kind: 'value'; readonly value: Scalar; readonly written: Written }
  | { readonly kind: 'merge' }
  | { readonly kind: 'refused'; readonly what: string; readonly fix: string }

export type Scalar = null | boolean | number | string

export type ScalarTag = 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'str'

const boolean = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/
const float =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const integer =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const nothing = /^(?:~|null|Null|NULL|)$/
const timestamp =
  /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?)$/

/** The value of a scalar that has neither quotes nor a tag. */
export function readPlainScalar(text: string): ScalarReading {
  // PyYAML chooses the candidates by the first character; no two of its patterns overlap otherwise.
  if (nothing.test(text)) return valueOf(null)
  if (boolean.test(text)) return readTaggedScalar(text, 'bool')
  if (float.test(text)) return readTaggedScalar(text, 'float')
  if (integer.test(text)) return readTaggedScalar(text, 'int')
  if (text === '<<') return { kind: 'merge' }
  if (timestamp.test(text)) return readTaggedScalar(text, 'timestamp')
  if (text === '=') {
    return refused(
      'a lone = has a meaning of its own in YAML 1.1, which Ansible refuses',
      'Quote it: "="',
    )
  }
  return valueOf(text)
}

/** The value of a scalar as the type that its tag names (`!!int "5"`). */
export function readTaggedScalar(text: string, tag: ScalarTag): ScalarReading {
  switch (tag) {
    case 'null':
      return valueOf(null)
    case 'str':
      return valueOf(text)
    case 'bool':
      return readBoolean(text)
    case 'int':
      return readInteger(text)
    case 'float':
      return readFloat(text)
    case 'timestamp':
      return readTimestamp(text)
  }
}

/** The value of a scalar in a file that is JSON, which Ansible reads as JSON. */
export function readJsonScalar(text: string): ScalarReading {
  if (text === 'null') return valueOf(null)
  if (text === 'true' || text === 'false') return valueOf(text === 'true')
  if (/^-?\d+$/.test(text)) return number(Number(text), 'other', text)
  return number(Number(text), 'float', text)
}

function readBoolean(text: string): ScalarReading {
  if (!/^(?:yes|no|true|false|on|off)$/i.test(text)) return mistyped(text, 'a boolean')
  return valueOf(/^(?:yes|true|on)$/i.test(text))
}

function readInteger(text: string): ScalarReading {
  const digits = text.replaceAll('_', '')
  const negative = digits.startsWith('-')
  const size = digits.replace(/^[-+]/, '')
  const value = magnitude(size)
  if (value === null) return mistyped(text, 'a whole number')
  return number(negative && value !== 0 ? -value : value, 'other', text)
}

function magnitude(digits: string): number | null {
  if (/^0b[01]+$/.test(digits)) return Number.parseInt(digits.slice(2), 2)
  if (/^0x[0-9a-fA-F]+$/.test(digits)) return Number.parseInt(digits.slice(2), 16)
  if (/^0[0-7]*$/.test(digits)) return Number.parseInt(digits, 8)
  if (/^[1-9][0-9]*(?::[0-9]+)*$/.test(digits)) return sexagesimal(digits)
  return null
}

function readFloat(text: string): ScalarReading {
  const digits = text.replaceAll('_', '').toLowerCase()
  if (/^[-+]?\.(?:inf|nan)$/.test(digits)) {
    return refused(`${text} is a number that JSON cannot hold`, `Quote it: "${text}"`)
  }
  const size = digits.replace(/^[-+]/, '')
  const pattern = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?$/
  const sign = digits.startsWith('-') ? -1 : 1
  if (pattern.test(size)) return number(sign * Number(size), 'float', text)
  if (/^[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?$/.test(size))
    return number(sign * sexagesimal(size), 'float', text)
  return mistyped(text, 'a number')
}

/** `1:30` is 90: YAML 1.1 reads base 60. */
function sexagesimal(digits: string): number {
  return digits.split(':').reduce((total, part) => total * 60 + Number(part), 0)
}

const datePart = /^(\d{4})-(\d\d?)-(\d\d?)/
const timePart =
  /(?:[Tt]|(?<![ \t])[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?$/

/** The text that Python's `isoformat` makes of a date or time, as `ansible-inventory` prints it. */
function readTimestamp(text: string): ScalarReading {
  if (!timestamp.test(text)) return mistyped(text, 'a date')
  const date = readDate(text)
  const hasTime = text.includes(':')
  const time = hasTime ? readTime(text) : ''
  if (date !== null && time !== null) {
    return { kind: 'value', value: date + time, written: 'timestamp' }
  }
  const what = `${text} looks like a date but there is no such day or time`
  return refused(what, `Quote it: "${text}"`)
}

function readDate(text: string): string | null {
  const [, year, month, day] = datePart.exec(text) ?? []
  const exists = isDate(Number(year), Number(month), Number(day))
  return exists ? `${year}-${two(month)}-${two(day)}` : null
}

function readTime(text: string): string | null {
  const [, hour, minute, second, fraction, zone, sign, zoneHour, zoneMinute] =
    timePart.exec(text) ?? []
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const zoneMinutes = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)
  if (zoneMinutes >= 24 * 60) return null
  const micros = (fraction ?? '').slice(0, 6).padEnd(6, '0')
  const decimals = micros === '000000' ? '' : `.${micros}`
  return `T${two(hour)}:${minute}:${second}${decimals}${offset(zone, sign, zoneMinutes)}`
}

function offset(zone: string | undefined, sign: string | undefined, minutes: number): string {
  if (zone === undefined) return ''
  if (sign === undefined || minutes === 0) return '+00:00'
  return `${sign}${two(String(Math.floor(minutes / 60)))}:${two(String(minutes % 60))}`
}

function isDate(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day <= (days[month - 1] ?? 0)
}

function two(text: string | undefined): string {
  return (text ?? '').padStart(2, '0')
}

function number(value: number, written: Written, text: string): ScalarReading {
  const exact = written === 'float' ? Number.isFinite(value) : Number.isSafeInteger(value)
  if (exact) return { kind: 'value', value, written }
  return refused(`${text} is a number too large to be kept exactly`, `Quote it: "${text}"`)
}

function valueOf(value: Scalar): ScalarReading {
  return { kind: 'value', value, written: 'other' }
}

function mistyped(text: string, type: string): ScalarReading {
  return refused(`"${text}" is tagged as ${type} but is none`, 'Remove the tag')
}

function refused(what: string, fix: string): ScalarReading {
  return { kind: 'refused', what, fix }
}
