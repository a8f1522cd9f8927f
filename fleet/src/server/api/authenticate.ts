/** Who asks: before anything else of a request is looked at. */
import type { MiddlewareHandler } from 'hono'
import { isLocalHost } from '../guard.ts'
import type { ApiEnv } from './env.ts'
import type { ApiParts } from './parts.ts'
import { problem } from './problem.ts'

/** A token is only taken from its header: addresses are kept in logs and histories. */
export function authenticate({ bearer }: Pick<ApiParts, 'bearer'>): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    if (context.env?.door === 'socket') {
      context.set('caller', { name: 'socket', role: 'admin', from: 'socket' })
      return await next()
    }
    const [scheme = '', given = ''] = (context.req.header('authorization') ?? '').split(' ')
    const caller = scheme.toLowerCase() === 'bearer' ? await bearer(given) : null
    if (caller === null) {
      const text = { code: 'unauthorised', detail: 'a token is needed', hint: tokenHint }
      return problem(context, 401, text, { 'www-authenticate': 'Bearer realm="timeball"' })
    }
    context.set('caller', { ...caller, from: context.env?.remote ?? 'unknown' })
    return await next()
  }
}

const tokenHint = 'send Authorization: Bearer TOKEN'

/**
 * Pages of other sites are refused before any token is looked at, and so is a page whose name was
 * rebound to this machine: it still sends its own name.
 */
export function noPages(hosts: 'local' | 'any'): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    if (context.env?.door === 'socket') return await next()
    const host = context.req.header('host') ?? ''
    if (hosts === 'local' && !isLocalHost(host)) {
      return problem(context, 421, { code: 'host', detail: 'ask for localhost or 127.0.0.1' })
    }
    const origin = context.req.header('origin')
    const isOwn = origin === undefined || hostOf(origin) === host.toLowerCase()
    const site = context.req.header('sec-fetch-site') ?? 'none'
    if (isOwn && (site === 'same-origin' || site === 'none')) return await next()
    return problem(context, 403, { code: 'origin', detail: 'pages of other sites may not ask' })
  }
}

/** `null`: it is no address, such as `null`. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
