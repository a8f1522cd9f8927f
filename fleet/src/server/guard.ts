/** Who is answered: before anything of a request is looked at. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Access } from '../app/serve/listening.ts'
import type { Secret } from '../core/secrets/secret.ts'
import type { ApiEnv } from './api/env.ts'
import { jsonAnswer } from './json-answer.ts'

/**
 * Without a token only requests that name this machine are answered: a page whose name was rebound
 * to 127.0.0.1 still sends its own name.
 */
export function guard(access: Access, log: (line: string) => void): MiddlewareHandler<ApiEnv> {
  if (access.kind === 'local') {
    return async (context, next) => {
      if (context.env?.door === 'socket' || isLocalHost(context.req.header('host') ?? ''))
        return await next()
      return jsonAnswer(context, 421, { error: 'host', message: 'ask for localhost or 127.0.0.1' })
    }
  }
  let toldMs: number | null = null
  return async (context, next) => {
    if (context.env?.door === 'socket') return await next()
    const [scheme = '', given = ''] = (context.req.header('authorization') ?? '').split(' ')
    if (scheme.toLowerCase() === 'bearer' && isBearer(access.token, given)) return await next()
    const nowMs = performance.now()
    if (toldMs === null || nowMs - toldMs > tellEveryMs) {
      log('a request without the right token was refused')
      toldMs = nowMs
    }
    const headers = { 'www-authenticate': 'Bearer realm="timeball"' }
    const body = { error: 'unauthorised', message: 'a token is needed' }
    return jsonAnswer(context, 401, body, headers)
  }
}

/** Whoever guesses must not fill the log. */
const tellEveryMs = 60_000

/** Of a Host header: with any port, because of `ssh -L`. */
export function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host)
}

/** Takes equally long, whatever was given. */
export function isBearer(token: Secret, given: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(token.reveal()))
}

/** Of equal length, whatever was given. */
function digestOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}

/** Nothing but the page is run by a browser, and nothing is framed or kept. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  const { headers } = context.res
  headers.set('cache-control', 'no-store')
  if (!headers.has('content-security-policy'))
    headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  headers.set('cross-origin-resource-policy', 'same-origin')
  headers.set('referrer-policy', 'no-referrer')
  headers.set('x-content-type-options', 'nosniff')
}
