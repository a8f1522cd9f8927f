/**
 * How PyYAML reads a plain scalar (yaml/resolver.py and yaml/constructor.py, 6.0): YAML 1.1 with
 * its own corners. `1e3` is text, `010` is 8, `1:30` is 90, `yes` is true.
 */
import type { Scalar, Timestamp } from '../value.ts'

/** What a plain scalar stands for, or why Ansible could not read it. */
export type ScalarReading =
  | { readonly kind: 'value'; readonly value: Scalar | Timestamp }
  | { readonly kind: 'merge' }
  | { readonly kind: 'refused'; readonly what: string; readonly fix: string }

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
  return /^-?\d+$/.test(text) ? integerOf(text, text) : valueOf(Number(text))
}

function readBoolean(text: string): ScalarReading {
  if (!/^(?:yes|no|true|false|on|off)$/i.test(text)) return mistyped(text, 'a boolean')
  return valueOf(/^(?:yes|true|on)$/i.test(text))
}

function readInteger(text: string): ScalarReading {
  const digits = text.replaceAll('_', '')
  const size = digits.replace(/^[-+]/, '').toLowerCase()
  const sign = digits.startsWith('-') ? '-' : ''
  if (/^0[bx][0-9a-f]+$/.test(size) && isNumeral(size)) return integerOf(size, text, sign)
  if (/^0[0-7]*$/.test(size)) return integerOf(`0o0${size}`, text, sign)
  if (/^[1-9][0-9]*$/.test(size)) return integerOf(size, text, sign)
  if (/^[1-9][0-9]*(?::[0-9]+)+$/.test(size)) {
    const total = size.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
    return valueOf(sign === '' ? total : -total)
  }
  return mistyped(text, 'a whole number')
}

function isNumeral(size: string): boolean {
  return size.startsWith('0x') || /^0b[01]+$/.test(size)
}

/** Python refuses to read more decimal digits than this, so that nobody is kept waiting. */
const mostDigits = 4300

function integerOf(numeral: string, text: string, sign = ''): ScalarReading {
  if (numeral.length > mostDigits) {
    return refused(`a number of ${text.length} digits is too long`, 'Quote it')
  }
  const size = BigInt(numeral)
  return valueOf(sign === '-' ? -size : size)
}

function readFloat(text: string): ScalarReading {
  const digits = text.replaceAll('_', '').toLowerCase()
  const sign = digits.startsWith('-') ? -1 : 1
  const size = digits.replace(/^[-+]/, '')
  if (size === '.inf') return valueOf(sign * Infinity)
  if (size === '.nan') return valueOf(Number.NaN)
  const pattern = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?$/
  if (pattern.test(size)) return valueOf(sign * Number(size))
  if (/^[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?$/.test(size)) return valueOf(sign * sexagesimal(size))
  return mistyped(text, 'a number')
}

/** `1:30.5` is 90.5: YAML 1.1 reads base 60; summed from the end, as PyYAML does. */
function sexagesimal(digits: string): number {
  const parts = digits.split(':').toReversed()
  return parts.reduce((sum, part, place) => sum + Number(part) * 60 ** place, 0)
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
    const kind = hasTime ? 'datetime' : 'date'
    return { kind: 'value', value: { kind, iso: date + time } }
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

function valueOf(value: Scalar): ScalarReading {
  return { kind: 'value', value }
}

function mistyped(text: string, type: string): ScalarReading {
  return refused(`"${text}" is tagged as ${type} but is none`, 'Remove the tag')
}

function refused(what: string, fix: string): ScalarReading {
  return { kind: 'refused', what, fix }
}
