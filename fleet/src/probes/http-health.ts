/** Asks a time server for its health, as anybody on the network could. */
import { formatHostPort } from '@timeball/lib/address.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import { parseTimeServerHealth, type TimeServerHealth } from '../core/health/time-server-health.ts'
import type { HttpFailure, HttpFailureCode } from '../core/health/verdict.ts'
import { askHttp } from './ask-http.ts'
import { connectionErrorCode } from './connection-error.ts'
import { readBounded } from './read-bounded.ts'

export interface HealthRequest {
  /** IPv4 or IPv6 address, or a host name. */
  readonly address: string
  readonly port: number
  /** For the whole request, body included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const maxBodyBytes = 65_536

/**
 * `GET http://ADDRESS:PORT/health`. A 503 with a readable body is an answer: the server says that
 * it is not well. Redirects are not followed: a device has no business sending us elsewhere.
 */
export async function probeHttpHealth(
  request: HealthRequest,
): Promise<Result<TimeServerHealth, HttpFailure>> {
  const { address, port, timeoutMs } = request
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)])
  try {
    const url = new URL(`http://${formatHostPort(address, port)}/health`)
    const response = await askHttp(url, {
      method: 'GET',
      signal,
      headers: { accept: 'application/json', connection: 'close' },
    })
    const body = await readBounded(response, maxBodyBytes)
    if (body === null) return failed('too-large', `the answer is above ${maxBodyBytes} bytes`)
    return readAnswer(response.status, new TextDecoder().decode(body))
  } catch (error) {
    if (request.signal.aborted) return failed('aborted', 'aborted')
    if (signal.aborted) return failed('timeout', `no answer on TCP ${port} within ${timeoutMs} ms`)
    return fail(connectionFailure(error, port))
  }
}

function readAnswer(httpStatus: number, body: string): Result<TimeServerHealth, HttpFailure> {
  const parsed = parseTimeServerHealth(httpStatus, body)
  if (parsed.ok && (httpStatus === 200 || httpStatus === 503)) return parsed
  if (httpStatus !== 200 && httpStatus !== 503) return failed('http-status', `HTTP ${httpStatus}`)
  return failed('not-json', parsed.ok ? 'unreadable' : parsed.failure)
}

/** `error`: what `fetch` threw before there was a response. */
export function connectionFailure(error: unknown, port: number): HttpFailure {
  const code = connectionErrorCode(error)
  switch (code) {
    case 'ECONNREFUSED':
      return { code: 'refused', detail: `nothing listens on TCP ${port}` }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { code: 'unreachable', detail: 'the name does not resolve' }
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return { code: 'unreachable', detail: 'the host is not reachable' }
    default:
      return { code: 'unreachable', detail: `the connection failed (${code})` }
  }
}

function failed(
  code: HttpFailureCode,
  detail: string,
): { readonly ok: false; readonly failure: HttpFailure } {
  return fail({ code, detail })
}
