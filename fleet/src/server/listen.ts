/** Answers an app on a TCP port, with bounds on every client. */
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Listening, ListenRequest } from '../app/serve/listening.ts'
import { boundConnections } from '@timeball/lib/connection-bounds.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { controllerApp, type AppParts } from './app.ts'

const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
}
const bounds = { total: 128, perClient: 32, local: 128 }
/** Of an answer that nobody reads, or a client that went away without a word. */
const silenceMs = 30_000
/** Then open connections are cut. */
const closeWithinMs = 2_000

/** The failure is a sentence: a port that is taken, an address that is not ours. */
export async function listen(
  request: ListenRequest & AppParts,
): Promise<Result<Listening, string>> {
  const app = controllerApp(request)
  const server = createServer(limits, getRequestListener(app.fetch))
  server.timeout = silenceMs
  boundConnections(server, bounds)
  const { promise, resolve } = Promise.withResolvers<Result<Listening, string>>()
  server.once('error', (error) => resolve(fail(error.message)))
  server.listen(request.port, request.bind, () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : request.port
    resolve(ok({ port, close: () => close(server) }))
  })
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
