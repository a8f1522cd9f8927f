/** Reads leap-seconds.list, as the IERS publishes it and tzdata ships it. Pure. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'

/** Seconds between the epochs of NTP and Unix (RFC 5905 figure 4). */
const unixEpochSeconds = 2_208_988_800

export interface LeapSeconds {
  /** After this the list says nothing about the future. */
  readonly expiresUnixSeconds: number
  /** From each instant on TAI is ahead of UTC by so many seconds; oldest first. */
  readonly changes: readonly { readonly atUnixSeconds: number; readonly taiOffset: number }[]
}

const maxCharacters = 1 << 18

/** The failure is printable text. */
export function parseLeapSeconds(text: string): Result<LeapSeconds, string> {
  if (text.length > maxCharacters) return fail('the list is too long')
  const lines = text.split('\n')
  const expiry = lines.map((line) => /^#@\s*(\d{10})\s*$/.exec(line)?.[1]).find(Boolean)
  if (expiry === undefined) return fail('the list does not say when it expires')
  const changes = lines.flatMap((line) => {
    const match = /^(\d{10})\s+(\d{1,3})\b/.exec(line)
    if (match === null) return []
    return [{ atUnixSeconds: Number(match[1]) - unixEpochSeconds, taiOffset: Number(match[2]) }]
  })
  if (changes.length === 0) return fail('the list is empty')
  return ok({
    expiresUnixSeconds: Number(expiry) - unixEpochSeconds,
    changes: changes.toSorted((one, other) => one.atUnixSeconds - other.atUnixSeconds),
  })
}
