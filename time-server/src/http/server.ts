/** The HTTP servers: paths and what they answer, and bounds on every client. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Log } from '../log.ts'
import type { Soon } from '../observe.ts'
import type { RequestTimes } from '../request-times.ts'
import { failureAnswer, send } from './answer.ts'
import type { Answer } from './answer.ts'
import { boundConnections } from './connections.ts'
import type { Connection } from './connections.ts'
import type { Cors } from './cors.ts'
import { routeFinder } from './paths.ts'

/** Answers reads. */
export interface ReadRoute {
  readonly read: (request: IncomingMessage, connection: Connection) => Soon<Answer>
}

/** Answers by itself, whatever the method, unless it refuses to. */
export interface OwnRoute {
  readonly refuse: (request: IncomingMessage, connection: Connection) => Answer | null
  readonly listen: RequestListener
}

/** By path; `{…}` at the end of one stands for whatever follows. */
export type Routes = ReadonlyMap<string, ReadRoute | OwnRoute>

export interface HttpParts {
  readonly routes: Routes
  /** For all other paths. */
  readonly otherwise: ReadRoute
  readonly cors: Cors
  readonly times: RequestTimes
  /** Told of each connection that was closed to make room, or refused. */
  readonly onClosed: () => void
  readonly log: Log
}

const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  // Reads have no body, and a stream for it costs Node more than most answers.
  optimizeEmptyRequests: true,
}

const notAllowed = failureAnswer(405, 'method-not-allowed', 'this path can only be read', [
  'allow',
  'GET, HEAD',
])
const internal = failureAnswer(500, 'internal', 'this is a fault of the server: see its log')

/** For paths that are not there. */
export const nothingElse: ReadRoute = {
  read: () => failureAnswer(404, 'not-found', 'there is nothing at this path'),
}

/** A server of `routes`; not listening yet. */
export function httpServer({ routes, otherwise, cors, times, onClosed, log }: HttpParts): Server {
  const find = routeFinder(routes, otherwise)
  function finish(exchange: Exchange, answer: Answer): void {
    send(exchange.request, exchange.response, answer, exchange.headers)
    end(exchange)
  }
  function end({ connection, name, response, startedMs }: Exchange): void {
    const nowMs = performance.now()
    connection.isBusy = false
    connection.usedAtMs = nowMs
    times.record(name, response.statusCode, (nowMs - startedMs) / 1000)
  }
  function fail(exchange: Exchange, error: unknown): void {
    const stack = error instanceof Error ? error.stack : String(error)
    log('error', 'request failed', { path: exchange.name, error: stack })
    finish(exchange, internal)
  }
  const server: Server = createServer(limits, (request, response) => {
    const startedMs = performance.now()
    const connection = connections.of(request.socket)
    connection.isBusy = true
    connection.usedAtMs = startedMs
    const { name, route } = find(request.url ?? '')
    const headers = cors.headersFor(request)
    const exchange = { request, response, connection, name, headers, startedMs }
    try {
      const answer = cors.preflight(request) ?? answerOf(route, request, connection)
      if (answer === null) {
        response.on('close', () => end(exchange))
        handOver(route, exchange)
      } else if (answer instanceof Promise) {
        answer.then(
          (late) => finish(exchange, late),
          (error: unknown) => fail(exchange, error),
        )
      } else {
        finish(exchange, answer)
      }
    } catch (error) {
      fail(exchange, error)
    }
  })
  const connections = boundConnections(server, onClosed)
  return server
}

/** One request under way. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly connection: Connection
  /** Of the route, as the metrics have it. */
  readonly name: string
  /** More headers of the answer, names and values in turns. */
  readonly headers: readonly string[]
  readonly startedMs: number
}

/** `null`: the route answers by itself. */
function answerOf(
  route: ReadRoute | OwnRoute,
  request: IncomingMessage,
  connection: Connection,
): Soon<Answer> | null {
  if ('listen' in route) return route.refuse(request, connection)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  return isRead ? route.read(request, connection) : notAllowed
}

function handOver(route: ReadRoute | OwnRoute, { request, response, headers }: Exchange): void {
  if (!('listen' in route)) return
  for (let at = 0; at < headers.length; at += 2) {
    response.setHeader(headers[at] ?? '', headers[at + 1] ?? '')
  }
  response.setHeader('cache-control', 'no-store')
  route.listen(request, response)
}

/** Listens; resolves with the port, which the system chose when `port` is 0. */
export function listen(server: Server, address: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', reject)
  server.listen(port, address, () => {
    server.off('error', reject)
    const bound = server.address()
    resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
  })
  return promise
}
