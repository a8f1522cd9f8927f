/**
 * MCP servers that are used again: to register the tools and to translate their schemas costs more than
 * a call. The SDK wants one that serves nobody else; one is free again when its response is closed, and
 * not before, because until then a client that goes away still ends what serves it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import type { McpServer, McpServerFactory } from '@modelcontextprotocol/server'

export interface ServerPool {
  /** Gives a server to the request that is under way. */
  readonly factory: McpServerFactory
  /** Serves one request: what it is given is taken back when `response` is closed. */
  serve(response: ServerResponse, run: () => void): void
}

/** Which revision a server has spoken stays with it, so the two are kept apart. */
type Era = 'legacy' | 'modern'

interface Lent {
  readonly era: Era
  readonly server: McpServer
}

export function serverPool(create: () => McpServer): ServerPool {
  const free: Record<Era, McpServer[]> = { legacy: [], modern: [] }
  const requests = new AsyncLocalStorage<Lent[]>()
  return {
    factory({ era }) {
      const server = free[era].pop() ?? create()
      requests.getStore()?.push({ era, server })
      return server
    },
    serve(response, run) {
      const lent: Lent[] = []
      response.on('close', () => {
        for (const { era, server } of lent) if (!server.isConnected()) free[era].push(server)
      })
      requests.run(lent, run)
    },
  }
}
