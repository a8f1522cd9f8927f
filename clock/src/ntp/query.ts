/**
 * A one-shot SNTP client (RFC 5905 section 14): asks one server a few times and says how far its
 * clock is from ours. It never sets a clock and never throws because of what a server sends.
 */
import { randomBytes } from 'node:crypto'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { exchangeOnce, type Outcome } from './exchange.ts'
import { measurementOf, type Accepted } from './measurement.ts'
import type { NtpFailure, NtpMeasurement } from './measurement.ts'
import { resolveEndpoint } from './resolve.ts'

export interface NtpQuery {
  /** IPv4 or IPv6 address, or a host name. */
  readonly address: string
  readonly port: number
  /** For one exchange, and for looking up the name. */
  readonly timeoutMs: number
  /**
   * Exchanges wanted, one after the other without a pause. ntpsec answers a burst of 20 and then,
   * with silence for the rest, one a second on average: a caller that repeats a measurement waits
   * at least `samples` seconds between two.
   */
  readonly samples: number
  readonly signal: AbortSignal
}

/**
 * Measures one server. With several samples the one with the lowest delay decides. Once a sample
 * was accepted, the first that is not ends the measurement: rate limits are silence, and waiting
 * for a timeout of each refused packet would only be slow.
 */
export async function queryNtp(query: NtpQuery): Promise<Result<NtpMeasurement, NtpFailure>> {
  const target = await resolveEndpoint(query)
  if (!target.ok) return target

  const accepted: Accepted[] = []
  let failure: NtpFailure = { code: 'no-answer', detail: 'no sample was asked for' }
  for (let index = 0; index < query.samples; index += 1) {
    const outcome = await exchangeOnce({ ...query, ...target.value, cookie: randomCookie() })
    if (outcome.ok) {
      accepted.push(outcome.value)
      continue
    }
    failure = outcome.failure
    if (accepted.length > 0 || !isWorthRepeating(outcome)) break
  }
  const measurement = measurementOf(accepted)
  return measurement === null ? fail(failure) : ok(measurement)
}

/** A lost packet and a step of our clock are accidents; every other failure is an answer. */
function isWorthRepeating(outcome: Outcome): boolean {
  if (outcome.ok) return true
  return outcome.failure.code === 'no-answer' || outcome.failure.code === 'clock-stepped'
}

/** Never 0n: that is what servers send for "unknown". */
function randomCookie(): bigint {
  return randomBytes(8).readBigUInt64BE() | 1n
}
