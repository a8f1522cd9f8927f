/** From what an inventory says to an address that packets can be sent to. */
import { lookup } from 'node:dns/promises'
import { ipFamily } from '@timeball/lib/address.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { NtpFailure } from './measurement.ts'

export interface Endpoint {
  readonly host: string
  /** All addresses that the name stands for, `host` among them. */
  readonly hosts: readonly string[]
  readonly family: 4 | 6
}

export interface EndpointQuery {
  /** IPv4 or IPv6 address, or a host name. */
  readonly address: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** An address as it is, a name by the system's resolver, within the time that is left for it. */
export async function resolveEndpoint(query: EndpointQuery): Promise<Result<Endpoint, NtpFailure>> {
  const { address, timeoutMs, signal } = query
  if (signal.aborted) return fail({ code: 'aborted', detail: 'aborted before it was asked' })
  const family = ipFamily(address)
  if (family !== null) return ok({ host: address, hosts: [address], family })

  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    // lookup() cannot be cancelled; its late answer is simply not waited for.
    const found = await Promise.race([lookup(address, { all: true }), rejectOn(limit)])
    const [first] = found
    if (first === undefined) {
      return fail({ code: 'bad-address', detail: 'the name stands for no address' })
    }
    const hosts = found.map((each) => each.address)
    return ok({ host: first.address, hosts, family: first.family === 6 ? 6 : 4 })
  } catch (error) {
    if (signal.aborted) return fail({ code: 'aborted', detail: 'aborted during the lookup' })
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'timeout'
    return fail({ code: 'bad-address', detail: `the name does not resolve (${code})` })
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('timeout')), { once: true })
  })
}
