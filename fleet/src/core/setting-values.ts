/** Kinds of value that several parts of `fleet.yaml` have. */
import { z } from 'zod'
import { ipFamily, parseHostPort } from '@timeball/lib/address.ts'
import { formatDuration, parseDurationMs } from '@timeball/lib/duration.ts'

/** A duration between two bounds (ms), read from text such as `120s`. */
export function durationMs(minMs: number, maxMs: number): z.ZodType<number, string> {
  return z
    .string('a duration such as 90s, 10m or 2h is wanted')
    .transform((text, context) => {
      const ms = parseDurationMs(text)
      if (ms !== null) return ms
      context.addIssue({ code: 'custom', message: 'a duration such as 90s, 10m or 2h is wanted' })
      return z.NEVER
    })
    .pipe(
      z
        .number()
        .min(minMs, `at least ${minMs === 0 ? '0s' : formatDuration(minMs)}`)
        .max(maxMs, `at most ${formatDuration(maxMs)}`),
    )
}

export const portNumber = z.int().min(1).max(65_535)

export const ipAddress = z
  .string('an IP address is wanted')
  .refine((text) => ipFamily(text) !== null, 'an IP address is wanted')

/** `HOST:PORT`, with an IPv6 address in brackets. */
export const hostAndPort = z
  .string('HOST:PORT is wanted')
  .refine((text) => (parseHostPort(text)?.port ?? null) !== null, 'HOST:PORT is wanted')
