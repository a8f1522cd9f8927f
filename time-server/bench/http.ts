/**
 * CPU per request of the time server beside Node's bare `http` that sends the same headers and body;
 * the clients have a key. Usage: `node time-server/bench/http.ts [--seconds 1] [--rounds 9]`. The
 * server is the bundle, so `node time-server/build.ts` comes first; its ntpd is scripted.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { inTurns, measure, rowOf, start } from './measure.ts'
import { key, startTimeServer } from './time-server.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '9' },
    paths: { type: 'string', default: '/api/unix,/api/time,/health,/metrics' },
    connections: { type: 'string', default: '1,10,100' },
  },
})
const headers = { 'X-API-Key': key }
const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** An answer's headers as the server chose them; Node adds the others to both. */
async function answerOf(url: string): Promise<string> {
  const response = await fetch(url, { headers })
  const added = new Set(['date', 'connection', 'keep-alive'])
  const own = [...response.headers].filter(([name]) => !added.has(name))
  return JSON.stringify({ headers: Object.fromEntries(own), body: await response.text() })
}

const server = await startTimeServer()
const rows = []
try {
  for (const path of values.paths.split(',')) {
    const url = (path === '/metrics' ? server.metrics : server.http) + path
    const bare = await start([fileOf('bare-http.ts'), await answerOf(url)], {})
    const bareUrl = `http://127.0.0.1:${bare.ports.get('httpPort')}${path}`
    for (const connections of values.connections.split(',').map(Number)) {
      const load = { connections, seconds: Number(values.seconds), headers }
      const pairs = await inTurns(
        Number(values.rounds),
        () => measure({ ...load, url: bareUrl }, bare.pid),
        () => measure({ ...load, url }, server.pid),
      )
      rows.push(rowOf(path, connections, pairs))
    }
    await bare.stop()
  }
  console.table(rows)
} finally {
  await server.stop()
}
