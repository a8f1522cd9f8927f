/**
 * Requests per second and p99 of the time server beside Node's bare `http`, in one run and on one
 * machine, by wrk (Debian: wrk). Usage: `node time-server/bench.ts [--seconds 5] [--connections 32]`.
 * The server is the bundle, so `node time-server/build.ts` comes first; its ntpd is scripted.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { scriptedDaemon } from '@timeball/clock/control/test/scripted-daemon.ts'
import { inStep } from './src/test/fake-server.ts'

const execute = promisify(execFile)
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
  },
})

/** A body as long as that of `/api/unix`. */
const bareScript = `
const body = JSON.stringify({ unix_seconds: 1, padding: 'x'.repeat(250) })
const server = require('node:http').createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => process.stderr.write('"httpPort":' + server.address().port + '\\n'))
`

interface Program {
  readonly ports: ReadonlyMap<string, number>
  stop(): Promise<void>
}

async function start(
  argv: readonly string[],
  environment: Record<string, string>,
): Promise<Program> {
  const child = spawn(process.execPath, argv, {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [line]: unknown[] = await once(child.stderr, 'data')
  const found = [...String(line).matchAll(/"(\w+Port)":(\d+)/g)]
  return {
    ports: new Map(found.map(([, name = '', port]) => [name, Number(port)])),
    async stop() {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

async function measure(url: string): Promise<{ readonly perSecond: number; readonly p99: string }> {
  const load = ['-t', '1', '-c', values.connections, '-d', `${values.seconds}s`, '--latency', url]
  await execute('wrk', ['-t', '1', '-c', values.connections, '-d', '1s', url])
  const { stdout } = await execute('wrk', load)
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} answers with errors:\n${stdout}`)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99: /99%\s+(\S+)/.exec(stdout)?.[1] ?? '?',
  }
}

const daemon = await scriptedDaemon(inStep)
const server = await start([fileURLToPath(new URL('dist/time-server.js', import.meta.url))], {
  BIND_ADDRESS: '127.0.0.1',
  CLOCK_DISCIPLINE: 'no',
  HTTP_PORT: '0',
  METRICS_PORT: '0',
  NTP_PORT: String(daemon.port),
})
const bare = await start(['-e', bareScript], {})
try {
  const reference = await measure(`http://127.0.0.1:${bare.ports.get('httpPort')}/`)
  const rows = [{ path: 'bare http', ...reference, ofBare: '100 %' }]
  for (const [path, port] of [
    ['/api/unix', 'httpPort'],
    ['/api/time', 'httpPort'],
    ['/health', 'httpPort'],
    ['/metrics', 'metricsPort'],
  ] as const) {
    const found = await measure(`http://127.0.0.1:${server.ports.get(port)}${path}`)
    const ofBare = `${Math.round((100 * found.perSecond) / reference.perSecond)} %`
    rows.push({ path, ...found, ofBare })
  }
  console.table(rows)
} finally {
  await Promise.all([server.stop(), bare.stop(), daemon.close()])
}
