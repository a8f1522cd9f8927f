/**
 * The list of leap seconds that the IERS publishes and tzdata installs. Pure. Format: the comments of
 * the file itself; its hash is SHA-1 over the digits of `#$`, `#@` and of all lines with data.
 */
import { createHash } from 'node:crypto'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'

/** A change of TAI − UTC. */
export interface LeapChange {
  /** Unix seconds from which the new difference holds. */
  readonly atSeconds: number
  readonly taiOffsetSeconds: number
}

export interface LeapList {
  readonly updatedAtSeconds: number
  readonly expiresAtSeconds: number
  /** In the order of time; never empty. */
  readonly changes: readonly LeapChange[]
}

const ntpToUnixSeconds = 2_208_988_800
const maxLines = 2000

/** Fails with a sentence. A list without a hash, or with a wrong one, is not believed. */
export function parseLeapList(text: string): Result<LeapList, string> {
  const lines = text.split('\n')
  if (lines.length > maxLines) return fail('the list of leap seconds is too long')
  const updated = marked(lines, '#$')
  const expires = marked(lines, '#@')
  const hash = marked(lines, '#h')
  if (updated === null || expires === null || hash === null) {
    return fail('the list of leap seconds has no date, expiry or hash')
  }
  const rows = lines.filter((line) => !line.startsWith('#') && line.trim() !== '').map(rowOf)
  const good = rows.filter((row) => row !== null)
  if (good.length === 0 || good.length !== rows.length) {
    return fail('the list of leap seconds has a line that cannot be read')
  }
  const digits = [digitsOf(updated), digitsOf(expires), ...good.map((row) => row.digits)].join('')
  if (!isHash(hash, digits)) return fail('the list of leap seconds does not match its hash')
  return ok({
    updatedAtSeconds: Number(digitsOf(updated)) - ntpToUnixSeconds,
    expiresAtSeconds: Number(digitsOf(expires)) - ntpToUnixSeconds,
    changes: good.map((row) => row.change).toSorted((a, b) => a.atSeconds - b.atSeconds),
  })
}

/** TAI − UTC at an instant; `null` before 1972. */
export function taiOffsetAt(list: LeapList, unixSeconds: number): number | null {
  return (
    list.changes.findLast((change) => change.atSeconds <= unixSeconds)?.taiOffsetSeconds ?? null
  )
}

/** The next change after an instant that has been announced; `null` when there is none. */
export function nextChange(list: LeapList, unixSeconds: number): LeapChange | null {
  return list.changes.find((change) => change.atSeconds > unixSeconds) ?? null
}

function marked(lines: readonly string[], mark: string): string | null {
  const line = lines.find((line) => line.startsWith(mark))
  return line === undefined ? null : line.slice(mark.length).trim()
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '')
}

function rowOf(line: string): { readonly digits: string; readonly change: LeapChange } | null {
  const match = /^\s*(\d{10,11})\s+(\d{1,3})\s*(?:#.*)?$/.exec(line.trimEnd())
  const [, at = '', offset = ''] = match ?? []
  if (match === null) return null
  const change = { atSeconds: Number(at) - ntpToUnixSeconds, taiOffsetSeconds: Number(offset) }
  return { digits: at + offset, change }
}

/** Five groups of up to eight hexadecimal digits; zeros at their beginning may be missing. */
function isHash(text: string, digits: string): boolean {
  const groups = text.split(/\s+/).map((group) => group.toLowerCase().padStart(8, '0'))
  return groups.join('') === createHash('sha1').update(digits).digest('hex')
}
