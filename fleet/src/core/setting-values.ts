/** Kinds of value that several parts of `fleet.yaml` have. */
import { z } from 'zod'
import { ipFamily, parseHostPort } from '@timeball/lib/address.ts'
import { formatDuration, meantDuration, parseDurationMs } from '@timeball/lib/duration.ts'

const wanted = 'a duration such as 90s, 10m or 2h is wanted'
const text = z.string(wanted)

/** A duration between two bounds (ms), read from text such as `120s`. */
export function durationMs(minMs: number, maxMs: number): z.ZodType<number, string> {
  // Settings have dozens of durations: one transformation is made several times faster than a chain.
  return text.transform((value, context) => {
    const ms = parseDurationMs(value)
    const problem = ms === null ? wanted : boundProblem(ms, minMs, maxMs)
    if (problem === null && ms !== null) return ms
    const meant = meantDuration(value)
    const otherwise = meant === null ? wanted : `write ${meant}`
    const message = ms === null ? otherwise : (problem ?? wanted)
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

/** `null`: it is between the bounds. */
function boundProblem(ms: number, minMs: number, maxMs: number): string | null {
  if (ms < minMs) return `at least ${minMs === 0 ? '0s' : formatDuration(minMs)}`
  return ms > maxMs ? `at most ${formatDuration(maxMs)}` : null
}

const bitsPerSecond = { kbit: 1_000, Mbit: 1_000_000, kB: 8_000, MB: 8_000_000 } as const
const bandwidthWanted = 'a bandwidth such as 20Mbit/s or 500kB/s is wanted'

/** Bytes in a second, read from text such as `20Mbit/s`. */
export const bandwidth: z.ZodType<number, string> = z
  .string(bandwidthWanted)
  .regex(/^[1-9]\d{0,5} ?(?:kbit|Mbit|kB|MB)\/s$/, bandwidthWanted)
  .transform((value) => {
    const unit = /kbit|Mbit|kB|MB/.exec(value)?.[0] ?? ''
    const bits = Object.entries(bitsPerSecond).find(([name]) => name === unit)?.[1] ?? 0
    return (Number.parseInt(value, 10) * bits) / 8
  })

export const portNumber = z.int().min(1).max(65_535)

export const ipAddress = z
  .string('an IP address is wanted')
  .refine((text) => ipFamily(text) !== null, 'an IP address is wanted')

/** `HOST:PORT`, with an IPv6 address in brackets. */
export const hostAndPort = z
  .string('HOST:PORT is wanted')
  .refine((text) => (parseHostPort(text)?.port ?? null) !== null, 'HOST:PORT is wanted')

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Secrets may travel there: by TLS, or not beyond this machine. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === 'https:' || loopback.test(url.hostname)
}

/** A path, relative to fleet.yaml. */
export const filePath = z.string().min(1, 'the path of a file is wanted')

export const accountName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,30}$/, 'the name of an account is wanted')
  .refine((name) => !systemNames.has(name), 'this account is of the system')

/** Of Debian, before anybody adds one. */
const systemNames: ReadonlySet<string> = new Set([
  ...['root', 'daemon', 'bin', 'sys', 'sync', 'games', 'man', 'lp', 'mail', 'news', 'uucp'],
  ...['proxy', 'www-data', 'backup', 'list', 'irc', 'nobody', 'sshd', 'messagebus', 'gpsd'],
])
