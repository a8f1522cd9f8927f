/** MCP over Streamable HTTP: one server a request, no sessions, bounded bodies. */
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { Answers } from '../api/answers.ts'
import type { Log } from '../log.ts'
import { mcpServer } from './server.ts'

export interface McpEndpoint {
  /** Answers one request; who may ask is decided before. */
  readonly fetch: (request: Request) => Promise<Response>
  close(): Promise<void>
}

const maxRequestBodySize = 64 * 1024
/** Streams that stay open; nothing here ever changes, so they are of little use. */
const maxSubscriptions = 8

export function mcpHandler(answers: Answers, log: Log): McpEndpoint {
  const handler = createMcpHandler(() => mcpServer(answers), {
    maxRequestBodySize,
    maxSubscriptions,
    onerror: (error) => log('debug', 'mcp request failed', { error: error.message }),
  })
  return { fetch: (request) => handler.fetch(request), close: async () => handler.close() }
}
