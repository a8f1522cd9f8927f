/**
 * Host keys such as `pi-[01:12]:2222`, as Ansible's `_expand_hostpattern` and
 * `expand_hostname_range` read them. Where Ansible makes no host at all, this is a mistake.
 */
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { parseAddress } from './addresses.ts'

export interface HostKey {
  readonly names: readonly string[]
  /** The port after the last colon, `null` without one. */
  readonly port: number | null
}

export interface RangeMistake {
  readonly what: string
  readonly fix: string
}

/** One key cannot make more hosts than this. */
export const mostHostsOfKey = 100_000

/** The host names that a key of `hosts:` stands for. */
export function expandHostKey(key: string): Result<HostKey, RangeMistake> {
  const { host, port } = parseAddress(key) ?? { host: key, port: null }
  const names = expandRanges(host)
  return names.ok ? ok({ names: names.value, port }) : names
}

/** Every range of the text written out, the first range varying slowest. */
export function expandRanges(pattern: string): Result<readonly string[], RangeMistake> {
  let names = ['']
  let rest = pattern
  for (;;) {
    const open = rest.indexOf('[')
    if (open < 0) return ok(names.map((name) => name + rest))
    const close = rest.indexOf(']', open)
    if (close < 0) return mistake(`the range in "${pattern}" has no closing bracket`)
    const values = readRange(rest.slice(open + 1, close))
    if (!values.ok) return values
    if (names.length * values.value.length > mostHostsOfKey) return tooMany(pattern)
    const head = rest.slice(0, open)
    names = names.flatMap((name) => values.value.map((value) => name + head + value))
    rest = rest.slice(close + 1)
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

function readRange(text: string): Result<readonly string[], RangeMistake> {
  const [begin = '', end, step = '1', ...more] = text.split(':')
  if (end === undefined || more.length > 0) {
    return mistake(`the range [${text}] is not begin:end or begin:end:step`)
  }
  if (!/^[0-9]{1,6}$/.test(step) || Number(step) === 0) {
    return mistake(`the step of the range [${text}] is not a whole number above 0`)
  }
  if (/^[a-zA-Z]:[a-zA-Z]$/.test(`${begin}:${end}`)) {
    const bounds = { begin: letters.indexOf(begin), end: letters.indexOf(end), step: Number(step) }
    return stepped(text, bounds, (index) => letters[index] ?? '')
  }
  if (/^[0-9]{0,9}:[0-9]{1,9}$/.test(`${begin}:${end}`)) {
    return readNumbers(text, { begin, end, step: Number(step) })
  }
  return mistake(`the range [${text}] is neither two numbers nor two letters`)
}

function readNumbers(
  text: string,
  { begin, end, step }: { readonly begin: string; readonly end: string; readonly step: number },
): Result<readonly string[], RangeMistake> {
  const isPadded = begin.length > 1 && begin.startsWith('0')
  if (isPadded && begin.length !== end.length) {
    return mistake(`the ends of the range [${text}] have different lengths`)
  }
  const width = isPadded ? begin.length : 1
  const bounds = { begin: Number(begin), end: Number(end), step }
  return stepped(text, bounds, (index) => String(index).padStart(width, '0'))
}

function stepped(
  text: string,
  { begin, end, step }: { readonly begin: number; readonly end: number; readonly step: number },
  format: (index: number) => string,
): Result<readonly string[], RangeMistake> {
  if (begin > end) return mistake(`the range [${text}] ends before it begins`)
  const count = Math.floor((end - begin) / step) + 1
  if (count > mostHostsOfKey) return tooMany(`[${text}]`)
  return ok(Array.from({ length: count }, (_, index) => format(begin + index * step)))
}

function tooMany(pattern: string): Result<never, RangeMistake> {
  const what = `"${pattern}" stands for more than ${mostHostsOfKey} hosts`
  return fail({ what, fix: 'Make the range smaller' })
}

function mistake(what: string): Result<never, RangeMistake> {
  return fail({ what, fix: 'Write it like pi-[01:12] or rack-[a:f]' })
}
