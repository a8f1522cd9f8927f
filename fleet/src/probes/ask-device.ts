/** One GET of a time server, as anybody on the network could: its answer, or why there is none. */
import { formatHostPort } from '@timeball/lib/address.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { HttpFailure } from '../core/health/verdict.ts'
import { askHttp, type HttpAnswer } from './ask-http.ts'
import { connectionErrorCode } from './connection-error.ts'
import { readBounded } from './read-bounded.ts'

export interface DeviceQuestion {
  /** IPv4 or IPv6 address, or a host name. */
  readonly address: string
  readonly port: number
  readonly path: string
  /** Media type. */
  readonly accept: string
  /** Absent: as somebody without one. */
  readonly apiKey?: string
  /** For the whole request, body included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Redirects are not followed: a device has no business sending us elsewhere. */
export async function askDevice<T>(
  { address, port, path, accept, apiKey, timeoutMs, signal: called }: DeviceQuestion,
  read: (answer: HttpAnswer) => Promise<Result<T, HttpFailure>>,
): Promise<Result<T, HttpFailure>> {
  const signal = AbortSignal.any([called, AbortSignal.timeout(timeoutMs)])
  try {
    const url = new URL(`http://${formatHostPort(address, port)}${path}`)
    const key = apiKey === undefined ? {} : { 'x-api-key': apiKey }
    const headers = { accept, connection: 'close', ...key }
    return await read(await askHttp(url, { method: 'GET', signal, headers }))
  } catch (error) {
    if (called.aborted) return fail({ code: 'aborted', detail: 'aborted' })
    if (!signal.aborted) return fail(connectionFailure(error, port))
    const detail = `no answer on TCP ${port} within ${timeoutMs} ms`
    return fail({ code: 'timeout', detail })
  }
}

/** The body as text; rejects when the connection breaks. */
export async function textOf(
  answer: HttpAnswer,
  maxBytes: number,
): Promise<Result<string, HttpFailure>> {
  const body = await readBounded(answer, maxBytes)
  if (body !== null) return ok(new TextDecoder().decode(body))
  return fail({ code: 'too-large', detail: `the answer is above ${maxBytes} bytes` })
}

function connectionFailure(error: unknown, port: number): HttpFailure {
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
