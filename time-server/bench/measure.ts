/** What one request costs a process, by wrk (Debian: wrk) and proc_pid_stat(5). Only for benchmarks. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface Program {
  readonly pid: number
  /** By their names in the first line that it writes, such as `"httpPort":3000`. */
  readonly ports: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** Starts a Node program that writes its ports to stderr, and resolves when it has. */
export async function start(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Program> {
  const child = spawn(process.execPath, argv, {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [line]: unknown[] = await once(child.stderr, 'data')
  const found = [...String(line).matchAll(/"(\w+Port)":(\d+)/g)]
  child.stderr.resume()
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

/** How wrk asks. `script` is a file in Lua, for requests with a body. */
export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly headers: Readonly<Record<string, string>>
  readonly script?: string
}

export interface Measured {
  readonly perSecond: number
  /** User and system time of the server: unlike the rate, the same however busy the machine is. */
  readonly cpuMicroseconds: number
}

/** Throws when an answer is no success. */
export async function measure(load: Load, pid: number): Promise<Measured> {
  const { url, connections, seconds, headers, script } = load
  const argv = [
    ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`],
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(script === undefined ? [] : ['-s', script]),
    url,
  ]
  const startSeconds = cpuSeconds(pid)
  const { stdout } = await execute('wrk', argv)
  const spentSeconds = cpuSeconds(pid) - startSeconds
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} answers with errors:\n${stdout}`)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    cpuMicroseconds: (1e6 * spentSeconds) / Number(/(\d+) requests in/.exec(stdout)?.[1]),
  }
}

/** Of a process so far, in steps of 1/100 s. */
function cpuSeconds(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? ''
  const fields = afterName.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Two servers that answer the same, measured one right after the other. */
export interface Pair {
  readonly bare: Measured
  readonly ours: Measured
}

/** In turns: what else the machine does meanwhile hits both alike. The first turn only warms up. */
export async function inTurns(
  rounds: number,
  bare: () => Promise<Measured>,
  ours: () => Promise<Measured>,
): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let round = 0; round <= rounds; round += 1)
    pairs.push({ bare: await bare(), ours: await ours() })
  return pairs.slice(1)
}

/**
 * One row of the table. The least of all turns counts: whatever else the machine does only adds. `of
 * bare` is the bare server's CPU per request by ours.
 */
export function rowOf(
  path: string,
  connections: number,
  pairs: readonly Pair[],
): Readonly<Record<string, string | number>> {
  const least = (which: keyof Pair): number =>
    Math.min(...pairs.map((pair) => pair[which].cpuMicroseconds))
  const most = (which: keyof Pair): number =>
    Math.round(Math.max(...pairs.map((pair) => pair[which].perSecond)))
  return {
    path,
    connections,
    'CPU µs': least('ours').toFixed(1),
    'bare CPU µs': least('bare').toFixed(1),
    'of bare': `${Math.round((100 * least('bare')) / least('ours'))} %`,
    'requests/s': most('ours'),
    'bare/s': most('bare'),
  }
}
