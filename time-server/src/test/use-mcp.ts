/**
 * An MCP client that uses everything of a server and prints what its tools said, as one JSON object.
 * Usage: `node use-mcp.ts URL`; the key is read from standard input, and empty means none. Only for
 * tests, which run it where the server can be reached.
 */
import { text } from 'node:stream/consumers'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { useEverything } from './use-everything.ts'

const key = (await text(process.stdin)).trim()
const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
const url = new URL(process.argv[2] ?? '')
const client = new Client({ name: 'lab', version: '1.0.0' })
await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
const said = await useEverything(client)
await client.close()
process.stdout.write(`${JSON.stringify(Object.fromEntries(said))}\n`)
