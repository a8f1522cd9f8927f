/**
 * Calls of an MCP tool per second, beside a bare server of the SDK with one tool that answers the same.
 * Both are bundles; ours has a key, twelve tools and a scripted ntpd. Usage: `node time-server/bench/mcp.ts
 * [--seconds 2] [--rounds 9]`, after `node time-server/build.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rolldown } from 'rolldown'
import { inTurns, measure, rowOf, start } from './measure.ts'
import { key, startTimeServer } from './time-server.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
    connections: { type: 'string', default: '1,10' },
  },
})
const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'timeball-bench-'))
const bundle = join(folder, 'bare-mcp.mjs')
const build = await rolldown({ input: fileOf('bare-mcp.ts'), platform: 'node' })
await build.write({ file: bundle, format: 'esm', codeSplitting: false })

const server = await startTimeServer()
const time = await fetch(`${server.http}/api/time`, { headers: { 'X-API-Key': key } })
const bare = await start([bundle, await time.text()], {})
const rows = []
try {
  for (const connections of values.connections.split(',').map(Number)) {
    const load = {
      connections,
      seconds: Number(values.seconds),
      headers: { 'X-API-Key': key },
      script: fileOf('call-get-time.lua'),
    }
    const bareUrl = `http://127.0.0.1:${bare.ports.get('httpPort')}/mcp`
    const pairs = await inTurns(
      Number(values.rounds),
      () => measure({ ...load, url: bareUrl }, bare.pid),
      () => measure({ ...load, url: `${server.http}/mcp` }, server.pid),
    )
    rows.push(rowOf('tools/call get_time', connections, pairs))
  }
  console.table(rows)
} finally {
  await Promise.all([server.stop(), bare.stop(), rm(folder, { recursive: true })])
}
