/** Asks a time server what it promises to everybody: its metrics, and to refuse who has no key. */
import { formatHostPort } from '@timeball/lib/address.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { HttpFailure } from '../core/health/verdict.ts'
import type { ContractEvidence } from '../core/service/contract.ts'
import { connectionFailure } from './http-health.ts'
import { readBounded } from './read-bounded.ts'

export interface ContractRequest {
  /** IPv4 or IPv6 address, or a host name. */
  readonly address: string
  readonly httpPort: number
  readonly metricsPort: number
  /** For each request, its body included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const maxMetricsBytes = 1_048_576

/** `GET /metrics`, and `GET /api/time` without a key; both at once. */
export async function probeContract(request: ContractRequest): Promise<ContractEvidence> {
  const { httpPort, metricsPort } = request
  const [metrics, keyless] = await Promise.all([
    get(request, metricsPort, '/metrics', readSeries),
    get(request, httpPort, '/api/time', async (response) => {
      await response.body?.cancel()
      return ok(response.status)
    }),
  ])
  return { metrics, keyless }
}

async function get<T>(
  { address, timeoutMs, signal: called }: ContractRequest,
  port: number,
  path: string,
  read: (response: Response) => Promise<Result<T, HttpFailure>>,
): Promise<Result<T, HttpFailure>> {
  const signal = AbortSignal.any([called, AbortSignal.timeout(timeoutMs)])
  try {
    const url = `http://${formatHostPort(address, port)}${path}`
    const headers = { connection: 'close' }
    return await read(await fetch(url, { signal, redirect: 'manual', headers }))
  } catch (error) {
    if (called.aborted) return fail({ code: 'aborted', detail: 'aborted' })
    if (!signal.aborted) return fail(connectionFailure(error, port))
    const detail = `no answer on TCP ${port} within ${timeoutMs} ms`
    return fail({ code: 'timeout', detail })
  }
}

async function readSeries(response: Response): Promise<Result<ReadonlySet<string>, HttpFailure>> {
  const body = await readBounded(response, maxMetricsBytes)
  if (body === null) {
    return fail({ code: 'too-large', detail: `the answer is above ${maxMetricsBytes} bytes` })
  }
  if (response.status !== 200) {
    return fail({ code: 'http-status', detail: `HTTP ${response.status}` })
  }
  const names = new TextDecoder().decode(body).matchAll(/^([A-Za-z_:][A-Za-z0-9_:]*)[ \t{]/gm)
  return ok(new Set([...names].flatMap(([, name]) => name ?? [])))
}
