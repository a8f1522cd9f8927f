/** Lets in whoever has a key, before anything else is done for a request. */
import { createMiddleware } from 'hono/factory'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Log } from '../log.ts'

const longestKey = 1024

/** Refuses with 401 without a key that counts, and with 429 when the key is used too often. */
export function requireKey(ring: KeyRing, log: Log) {
  return createMiddleware(async (context, next) => {
    const headers = context.req.raw.headers
    const presented = presentedKey(headers.get('authorization'), headers.get('x-api-key'))
    const admission = ring.admit(presented, performance.now())
    switch (admission.kind) {
      case 'admitted':
        return next()
      case 'refused': {
        log('debug', 'request refused', { path: context.req.path })
        const message = 'send a key as "Authorization: Bearer KEY" or "X-API-Key: KEY"'
        return context.json({ error: 'unauthorized', message }, 401, {
          'www-authenticate': 'Bearer realm="time-server"',
        })
      }
      case 'limited': {
        const { name, retryAfterSeconds } = admission
        log('debug', 'request limited', { path: context.req.path, key: name })
        const message = `too many requests with this key; again in ${retryAfterSeconds} s`
        return context.json({ error: 'rate-limited', message }, 429, {
          'retry-after': String(retryAfterSeconds),
        })
      }
    }
  })
}

/**
 * Refuses web pages: a page that the user happens to visit must not talk to a server of his network
 * (DNS rebinding). Programs send no Origin.
 */
export function refusePages(allowedOrigins: readonly string[]) {
  return createMiddleware(async (context, next) => {
    const origin = context.req.raw.headers.get('origin')
    if (origin === null || allowedOrigins.includes(origin)) return next()
    const message = 'web pages may not use this; see ALLOWED_ORIGINS'
    return context.json({ error: 'forbidden-origin', message }, 403)
  })
}

function presentedKey(authorization: string | null, apiKey: string | null): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization?.slice(0, longestKey) ?? '')?.[1]
  return bearer ?? apiKey?.slice(0, longestKey).trim() ?? null
}
