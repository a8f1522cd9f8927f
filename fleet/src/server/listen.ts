/** Answers an app on a TCP port, with bounds on every client. */
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Listening, ListenRequest } from '../app/serve/listening.ts'
import { boundConnections, type ConnectionBounds } from '@timeball/lib/connection-bounds.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { controllerApp, type AppParts } from './app.ts'
import { openSocket } from './open-socket.ts'

const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
}
const bounds = { total: 128, perClient: 32, local: 128 }
/** Of the socket: who connects has no address. */
const localBounds = { total: 128, perClient: 128, local: 128 }
/** Of an answer that nobody reads, or a client that went away without a word. */
const silenceMs = 30_000
/** Then open connections are cut. */
const closeWithinMs = 2_000

/** The failure is a sentence: a port that is taken, an address that is not ours. */
export async function listen(
  request: ListenRequest & AppParts,
): Promise<Result<Listening, string>> {
  const app = controllerApp(request)
  const server = serverOf(bounds, ({ request: asked, remote }) =>
    app.fetch(asked, { door: 'network', ...(remote === undefined ? {} : { remote }) }),
  )
  const listening = await whenListening(server, () => server.listen(request.port, request.bind))
  if (!listening.ok) return listening
  const local = serverOf(localBounds, ({ request: asked }) => app.fetch(asked, { door: 'socket' }))
  const opened = await openSocket(request.socket, (path) =>
    whenListening(local, () => local.listen(path)),
  )
  if (!opened.ok) request.log(`${request.socket}: ${opened.failure}; commands here do not find it`)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : request.port
  return ok({
    port,
    async close() {
      await Promise.all([close(server), ...(opened.ok ? [close(local)] : [])])
    },
  })
}

interface Asked {
  readonly request: Request
  readonly remote: string | undefined
}

function serverOf(
  held: ConnectionBounds,
  answer: (asked: Asked) => Response | Promise<Response>,
): Server {
  const listener = getRequestListener((request, { incoming }) =>
    answer({ request, remote: incoming.socket.remoteAddress }),
  )
  const server = createServer(limits, listener)
  server.timeout = silenceMs
  boundConnections(server, held)
  return server
}

async function whenListening(server: Server, begin: () => void): Promise<Result<null, string>> {
  const { promise, resolve } = Promise.withResolvers<Result<null, string>>()
  server.once('error', (error) => resolve(fail(error.message)))
  server.once('listening', () => resolve(ok(null)))
  begin()
  return await promise
}

async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), closeWithinMs)
  await promise
  clearTimeout(timer)
}
