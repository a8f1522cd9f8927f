/**
 * Requests per second and p99 of the time server beside Node's bare `http`, in one run and on one
 * machine, by wrk (Debian: wrk). Usage: `node time-server/bench.ts [--seconds 1] [--rounds 9] [--connections 32]`.
 * The server is the bundle, so `node time-server/build.ts` comes first; its ntpd is scripted.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { scriptedDaemon } from '@timeball/clock/control/test/scripted-daemon.ts'
import { inStep } from './src/test/fake-server.ts'

const execute = promisify(execFile)
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '9' },
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
  readonly pid: number
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
    pid: child.pid ?? 0,
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
  readonly p99Ms: number
  /** What one request costs the server: unlike the rate, the same however busy the machine is. */
  readonly cpuMicroseconds: number
}

/** `812.00us`, `1.54ms` or `2.00s`, as wrk has it. */
function milliseconds(text: string): number {
  const unit = text.endsWith('us') ? 0.001 : text.endsWith('ms') ? 1 : 1000
  return Number.parseFloat(text) * unit
}

/** User and system time of a process so far, as proc_pid_stat(5) counts it: in 1/100 s. */
function cpuSeconds(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? ''
  const fields = afterName.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function measure(url: string, pid: number): Promise<Measured> {
  const load = ['-t', '1', '-c', values.connections, '-d', `${values.seconds}s`, '--latency', url]
  const startSeconds = cpuSeconds(pid)
  const { stdout } = await execute('wrk', load)
  const spentSeconds = cpuSeconds(pid) - startSeconds
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} answers with errors:\n${stdout}`)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99Ms: milliseconds(/^ +99% +(\S+)/m.exec(stdout)?.[1] ?? ''),
    cpuMicroseconds: (1e6 * spentSeconds) / Number(/(\d+) requests in/.exec(stdout)?.[1]),
  }
}

/** Bare `http`, and a path of ours right after it. */
interface Pair {
  readonly reference: Measured
  readonly found: Measured
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}

function rowOf(path: string, pairs: readonly Pair[]): Readonly<Record<string, string | number>> {
  const ratio = median(pairs.map(({ reference, found }) => found.perSecond / reference.perSecond))
  const p99Ms = (which: keyof Pair): number => median(pairs.map((pair) => pair[which].p99Ms))
  const cpu = (which: keyof Pair): number =>
    median(pairs.map((pair) => pair[which].cpuMicroseconds))
  return {
    path,
    perSecond: Math.round(median(pairs.map(({ found }) => found.perSecond))),
    bare: Math.round(median(pairs.map(({ reference }) => reference.perSecond))),
    ofBare: `${Math.round(100 * ratio)} %`,
    p99Ms: p99Ms('found'),
    bareP99Ms: p99Ms('reference'),
    cpuMicroseconds: Math.round(cpu('found')),
    bareCpuMicroseconds: Math.round(cpu('reference')),
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
  const urlOf = ({ ports }: Program, port: string, path: string): string =>
    `http://127.0.0.1:${ports.get(port)}${path}`
  const bareUrl = urlOf(bare, 'httpPort', '/')
  const rows = []
  for (const path of ['/api/unix', '/api/time', '/health', '/metrics']) {
    const url = urlOf(server, path === '/metrics' ? 'metricsPort' : 'httpPort', path)
    // In turns, and the median: what else the machine does then hits both alike.
    const pairs: Pair[] = []
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const reference = await measure(bareUrl, bare.pid)
      pairs.push({ reference, found: await measure(url, server.pid) })
    }
    rows.push(rowOf(path, pairs))
  }
  console.table(rows)
} finally {
  await Promise.all([server.stop(), bare.stop(), daemon.close()])
}
