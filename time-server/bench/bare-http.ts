/**
 * Node's bare `http` with one answer. Usage: `node bare-http.ts ANSWER`; ANSWER is JSON with `headers`
 * and `body`. It writes its port to stderr.
 */
import { createServer } from 'node:http'
import { z } from 'zod'

const answer = z.object({ headers: z.record(z.string(), z.string()), body: z.string() })
const { headers, body } = answer.parse(JSON.parse(process.argv[2] ?? ''))
const server = createServer((_, response) => {
  response.writeHead(200, headers)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stderr.write(`"httpPort":${port}\n`)
})
