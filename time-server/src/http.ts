/** The HTTP servers: a few paths that are answered at once, the rest by an app; bounds on every client. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'

/** What a path answers. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers by path. They look only; a rejection is a bug and ends the process. */
export type Routes = ReadonlyMap<string, (request: IncomingMessage) => Promise<Answer>>

/** `rest` gets the paths that are not in `routes`; `onDone` is told how long each request took. */
export interface HttpParts {
  readonly routes: Routes
  readonly rest: RequestListener
  readonly onDone: (path: string, status: number, seconds: number) => void
}

const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
}
const maxConnections = 128

/** A server of `routes` and `rest`; not listening yet. */
export function httpServer({ routes, rest, onDone }: HttpParts): Server {
  const server = createServer(limits, (request, response) => {
    const path = pathOf(request)
    const startedMs = performance.now()
    const done = (): void =>
      onDone(path, response.statusCode, (performance.now() - startedMs) / 1000)
    const route = routes.get(path)
    if (route === undefined) {
      response.on('close', done)
      return rest(request, response)
    }
    void answer(route, request).then((reply) => {
      send(request, response, reply)
      done()
    })
  })
  server.maxConnections = maxConnections
  return server
}

/** For a server without an app. */
export const nothingElse: RequestListener = (request, response) => {
  send(request, response, jsonAnswer(404, { error: 'not-found' }))
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

export const jsonType = 'application/json'

/** A JSON body with a line feed at its end, so that curl leaves the prompt alone. */
export function jsonAnswer(status: number, body: unknown): Answer {
  return { status, type: jsonType, body: `${JSON.stringify(body)}\n` }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? ''
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

function answer(
  route: (request: IncomingMessage) => Promise<Answer>,
  request: IncomingMessage,
): Promise<Answer> {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  return isRead ? route(request) : Promise.resolve(jsonAnswer(405, { error: 'method-not-allowed' }))
}

function send(request: IncomingMessage, response: ServerResponse, reply: Answer): void {
  // Nearly all bodies are ASCII, and Node writes Latin-1 much faster than UTF-8.
  const length = Buffer.byteLength(reply.body)
  const encoding = length === reply.body.length ? 'latin1' : 'utf8'
  response.writeHead(reply.status, {
    'content-type': reply.type,
    'content-length': length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.status === 405 ? { allow: 'GET, HEAD' } : {}),
    ...reply.headers,
  })
  if (request.method === 'HEAD') response.end()
  else response.end(reply.body, encoding)
}
