/** What pages of other origins may read (Fetch standard, "CORS protocol"). */
import type { IncomingMessage } from 'node:http'
import { failureAnswer, headerOf } from './answer.ts'
import type { Answer } from './answer.ts'

export interface Cors {
  /** What an answer to this request has to have, names and values in turns. */
  headersFor(request: IncomingMessage): readonly string[]
  /** The answer to a browser's question whether a page may ask; `null`: this is none. */
  preflight(request: IncomingMessage): Answer | null
}

const none: readonly string[] = []

/** Nobody's pages may read anything, which is what a browser assumes. */
export const noCors: Cors = { headersFor: () => none, preflight: () => null }

const exposed = 'retry-after, www-authenticate, mcp-session-id, mcp-protocol-version'
const maxAgeSeconds = '600'
/** Names of headers between commas. */
const names = /^[\w!#$%&'*+.^`|~, -]{0,500}$/

/** Pages of these origins may read everything that their key lets them. */
export function corsFor(allowedOrigins: readonly string[]): Cors {
  if (allowedOrigins.length === 0) return noCors
  const isAllowed = (origin: string | null): origin is string =>
    origin !== null && allowedOrigins.includes(origin)
  return {
    headersFor(request) {
      const origin = headerOf(request, 'origin')
      if (!isAllowed(origin)) return ['vary', 'Origin']
      const allow = ['access-control-allow-origin', origin]
      return ['vary', 'Origin', ...allow, 'access-control-expose-headers', exposed]
    },
    preflight(request) {
      if (request.method !== 'OPTIONS') return null
      if (headerOf(request, 'access-control-request-method') === null) return null
      if (!isAllowed(headerOf(request, 'origin'))) return forbiddenOrigin
      const wanted = headerOf(request, 'access-control-request-headers') ?? ''
      const headers = [
        ...['access-control-allow-methods', 'GET, HEAD, POST, DELETE'],
        ...['access-control-allow-headers', names.test(wanted) ? wanted : ''],
        ...['access-control-max-age', maxAgeSeconds],
      ]
      return { status: 204, type: 'text/plain', body: '', headers }
    },
  }
}

/** For pages that may not. */
export const forbiddenOrigin: Answer = failureAnswer(
  403,
  'forbidden-origin',
  'web pages may not use this; see ALLOWED_ORIGINS',
)
