/** The path of MCP, for those whom the gate lets in and who are no foreign web page. */
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Gate } from '../api/gate.ts'
import { failureAnswer, headerOf } from '../http/answer.ts'
import { forbiddenOrigin } from '../http/cors.ts'
import type { OwnRoute } from '../http/server.ts'
import type { Refusals } from '../refusals.ts'

/** A call costs about this many times as much CPU as a read of the API: see docs/benchmarks.md. */
const tokens = 20
/** The other connections stay free for `/health` and the API. */
const maxAtOnce = 32

const busy = failureAnswer(503, 'busy', `${maxAtOnce} requests are under way; again in 1 s`, [
  'retry-after',
  '1',
])

export interface McpRouteParts {
  /** Answers one request. */
  readonly listen: RequestListener
  readonly gate: Gate
  readonly allowedOrigins: readonly string[]
  readonly refusals: Refusals
}

export function mcpRoute({ listen, gate, allowedOrigins, refusals }: McpRouteParts): OwnRoute {
  let underWay = 0
  return {
    refuse(request, connection) {
      if (!mayAsk(request, allowedOrigins)) {
        refusals.count('origin')
        return forbiddenOrigin
      }
      const refusal = gate.refuse(request, connection, tokens)
      if (refusal !== null || underWay < maxAtOnce) return refusal
      refusals.count('busy')
      return busy
    },
    listen(request, response) {
      underWay += 1
      response.on('close', () => {
        underWay -= 1
      })
      listen(request, response)
    },
  }
}

const loopback = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

/**
 * Web pages may not: a page that the user happens to visit must not talk to a server of his network
 * (DNS rebinding). Programs send no Origin. A page of this very machine may talk to a server that it
 * calls by a name of this machine, as the MCP specification has it: nobody can rebind those names.
 */
function mayAsk(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const origin = headerOf(request, 'origin')
  if (origin === null || allowedOrigins.includes(origin)) return true
  return loopback.test(origin) && loopback.test(headerOf(request, 'host') ?? '')
}
