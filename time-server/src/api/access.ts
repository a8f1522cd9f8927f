/** Lets in whoever has a key, before anything else is done for a request. */
import { createMiddleware } from 'hono/factory'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Log } from '../log.ts'

const longestKey = 1024

/** Why a request is not answered. */
export interface Refusal {
  readonly status: 401 | 429
  readonly body: { readonly error: string; readonly message: string }
  readonly headers: Readonly<Record<string, string>>
}

/** What a client presents itself with. */
export interface Credentials {
  readonly authorization: string | null
  readonly apiKey: string | null
}

/** 401 without a key that counts, 429 when the key is used too often, `null` when it is let in. */
export function refusalOf(ring: KeyRing, sent: Credentials): Refusal | null {
  const admission = ring.admit(presentedKey(sent), performance.now())
  switch (admission.kind) {
    case 'admitted':
      return null
    case 'refused': {
      const message = 'send a key as "Authorization: Bearer KEY" or "X-API-Key: KEY"'
      const headers = { 'www-authenticate': 'Bearer realm="time-server"' }
      return { status: 401, body: { error: 'unauthorized', message }, headers }
    }
    case 'limited': {
      const seconds = admission.retryAfterSeconds
      const message = `too many requests with this key; again in ${seconds} s`
      const headers = { 'retry-after': String(seconds) }
      return { status: 429, body: { error: 'rate-limited', message }, headers }
    }
  }
}

/** Refuses whom the ring does not let in. */
export function requireKey(ring: KeyRing, log: Log) {
  return createMiddleware(async (context, next) => {
    const headers = context.req.raw.headers
    const sent = { authorization: headers.get('authorization'), apiKey: headers.get('x-api-key') }
    const refusal = refusalOf(ring, sent)
    if (refusal === null) return next()
    log('debug', 'request refused', { path: context.req.path, status: refusal.status })
    return context.json(refusal.body, refusal.status, { ...refusal.headers })
  })
}

const loopback = /^(https?:\/\/)?(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * Refuses web pages: a page that the user happens to visit must not talk to a server of his network
 * (DNS rebinding). Programs send no Origin. A page of this very machine may talk to a server that it
 * calls by a name of this machine, as the MCP specification has it: nobody can rebind those names.
 */
export function refusePages(allowedOrigins: readonly string[]) {
  return createMiddleware(async (context, next) => {
    const origin = context.req.raw.headers.get('origin')
    if (origin === null || allowedOrigins.includes(origin)) return next()
    const host = context.req.raw.headers.get('host') ?? ''
    if (loopback.test(origin) && loopback.test(host)) return next()
    const message = 'web pages may not use this; see ALLOWED_ORIGINS'
    return context.json({ error: 'forbidden-origin', message }, 403)
  })
}

function presentedKey({ authorization, apiKey }: Credentials): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization?.slice(0, longestKey) ?? '')?.[1]
  return bearer ?? apiKey?.slice(0, longestKey).trim() ?? null
}
