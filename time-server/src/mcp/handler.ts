/** MCP over Streamable HTTP: no sessions, bounded bodies. */
import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { Answers } from '../api/answers.ts'
import type { Log } from '../log.ts'
import { serverPool } from './pool.ts'
import { mcpServer } from './server.ts'

export interface McpEndpoint {
  /** Answers one request; who may ask is decided before. */
  readonly listen: RequestListener
  close(): Promise<void>
}

const maxRequestBodySize = 64 * 1024
/** Streams that stay open; nothing here ever changes, so they are of little use. */
const maxSubscriptions = 8

export function mcpHandler(answers: Answers, log: Log): McpEndpoint {
  const pool = serverPool(() => mcpServer(answers))
  const handler = createMcpHandler(pool.factory, {
    maxRequestBodySize,
    maxSubscriptions,
    onerror: (error) => log('debug', 'mcp request failed', { error: error.message }),
  })
  const answer = getRequestListener((request) => handler.fetch(request))
  return {
    listen: (request, response) => pool.serve(response, () => void answer(request, response)),
    close: async () => handler.close(),
  }
}
