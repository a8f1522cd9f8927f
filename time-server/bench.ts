/**
 * Requests per second and p99 of the time server beside Node's bare `http`, in one run and on one
 * machine, by wrk (Debian: wrk). Usage: `node time-server/bench.ts [--seconds 3] [--rounds 3] [--connections 32]`.
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
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
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

interface Measured {
  readonly perSecond: number
  readonly p99: string
}

async function measure(url: string): Promise<Measured> {
  const load = ['-t', '1', '-c', values.connections, '-d', `${values.seconds}s`, '--latency', url]
  const { stdout } = await execute('wrk', load)
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} answers with errors:\n${stdout}`)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99: /^ +99% +(\S+)/m.exec(stdout)?.[1] ?? '?',
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
  const targets = [
    ['bare http', `http://127.0.0.1:${bare.ports.get('httpPort')}/`],
    ...['/api/unix', '/api/time', '/health'].map(
      (path) => [path, `http://127.0.0.1:${server.ports.get('httpPort')}${path}`] as const,
    ),
    ['/metrics', `http://127.0.0.1:${server.ports.get('metricsPort')}/metrics`],
  ] as const
  // In turns, and the best of each: what else runs on the machine then disturbs all alike.
  const best = new Map<string, Measured>()
  const turns = Array.from({ length: Number(values.rounds) }, () => targets).flat()
  for (const [name, url] of turns) {
    const found = await measure(url)
    if (found.perSecond > (best.get(name)?.perSecond ?? 0)) best.set(name, found)
  }
  const reference = best.get('bare http')?.perSecond ?? NaN
  console.table(
    [...best].map(([path, found]) => {
      const ofBare = `${Math.round((100 * found.perSecond) / reference)} %`
      return { path, ...found, ofBare }
    }),
  )
} finally {
  await Promise.all([server.stop(), bare.stop(), daemon.close()])
}
