/** Who asks: before anything else of a request is looked at. */
import type { Context, MiddlewareHandler } from 'hono'
import { isLocalHost } from '../guard.ts'
import type { ApiEnv } from './env.ts'
import type { ApiParts } from './parts.ts'
import { problem } from './problem.ts'
import { rateLimit } from './rate.ts'

/** A token is only taken from its header: addresses are kept in logs and histories. */
export function authenticate({ bearer }: Pick<ApiParts, 'bearer'>): MiddlewareHandler<ApiEnv> {
  const [requests, guesses] = [rateLimit(requestRate), rateLimit(guessRate)]
  return async (context, next) => {
    if (context.env?.door === 'socket') {
      context.set('caller', { name: 'socket', role: 'admin', from: 'socket' })
      return await next()
    }
    const from = context.env?.remote ?? 'unknown'
    const [scheme = '', given = ''] = (context.req.header('authorization') ?? '').split(' ')
    const caller = scheme.toLowerCase() === 'bearer' ? await bearer(given) : null
    if (caller === null) {
      const seconds = guesses(from, performance.now())
      if (seconds !== null) return tooOften(context, seconds)
      const text = { code: 'unauthorised', detail: 'a token is needed', hint: tokenHint }
      return problem(context, 401, text, { 'www-authenticate': 'Bearer realm="timeball"' })
    }
    const seconds = requests(`${caller.name} ${from}`, performance.now())
    if (seconds !== null) return tooOften(context, seconds)
    context.set('caller', { ...caller, from })
    return await next()
  }
}

/** Of one token at one address: a page asks for a few things at once, and then for events. */
const requestRate = { burst: 200, perSecond: 20 }
/** Without a good token, of one address. */
const guessRate = { burst: 20, perSecond: 0.2 }

function tooOften(context: Context<ApiEnv>, seconds: number) {
  const text = { code: 'too-often', detail: `asked too often; again in ${seconds} s` }
  return problem(context, 429, text, { 'retry-after': String(seconds) })
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
