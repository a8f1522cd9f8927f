/**
 * An MCP server as the SDK's own documents have it, with one tool that answers what it is given. Usage:
 * `node bare-mcp.ts ANSWER`, where ANSWER is JSON. It writes its port to stderr.
 */
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { timeSchema } from '../src/api/schemas.ts'

const answer = z.record(z.string(), z.unknown()).parse(JSON.parse(process.argv[2] ?? ''))

function mcpServer(): McpServer {
  const server = new McpServer({ name: 'bare', version: '1.0.0' })
  server.registerTool(
    'get_time',
    { description: 'The time in UTC', inputSchema: z.object({}), outputSchema: timeSchema },
    () => ({
      content: [{ type: 'text', text: JSON.stringify(answer) }],
      structuredContent: answer,
    }),
  )
  return server
}

const handler = createMcpHandler(mcpServer)
const server = createServer(getRequestListener((request) => handler.fetch(request)))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stderr.write(`"httpPort":${port}\n`)
})
