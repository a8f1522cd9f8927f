/**
 * A world of its own for real daemons: network, processes, mounts and shared memory, without
 * CAP_SYS_TIME, because the kernel's clock is everybody's. Needs root. Only for tests.
 *
 * INVARIANTS: nothing started in a world outlives it (`--kill-child`), and no packet leaves it.
 */
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** ntpd could otherwise set the clock of the machine that runs the tests. */
const harmless = ['setpriv', '--bounding-set=-sys_time', '--inh-caps=-sys_time'] as const

/** What went out and how it ended. */
export interface Run {
  readonly process: ChildProcess
  /** stdout and stderr so far. */
  readonly output: () => string
  /** The exit code, or the name of the signal. */
  readonly ended: Promise<number | string>
}

export interface World {
  /** Process id, as the machine sees it, of the world's process 1. */
  readonly pid: number
  /** Starts a program in the world. */
  start(argv: readonly string[], environment?: Readonly<Record<string, string>>): Run
  /** Runs a program to its end and gives its stdout; rejects when it fails. */
  read(argv: readonly string[]): Promise<string>
}

/** Makes a world with a loopback interface and private folders of ntpd; it ends with the test. */
export async function world(t: TestContext): Promise<World> {
  await requirePrograms(['unshare', 'nsenter', 'setpriv', 'ip', 'ntpd'])
  const setup = [
    'ip link set lo up',
    'mount -t tmpfs tmpfs /var/lib/ntpsec',
    'mount -t tmpfs tmpfs /run',
    'echo ready',
    'exec sleep 600',
  ].join(' && ')
  const flags = ['--net', '--mount', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc']
  const [program, ...rest] = [...harmless, 'unshare', ...flags, 'sh', '-c', setup]
  const holder = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(async () => {
    const exit = once(holder, 'exit')
    if (holder.kill('SIGKILL')) await exit
  })
  await once(holder.stdout, 'data')
  const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8')
  return worldOf(Number(children.trim()))
}

function worldOf(pid: number): World {
  const enter = ['nsenter', `--target=${pid}`, '--net', '--mount', '--ipc', '--pid', ...harmless]
  return {
    pid,
    start(argv, environment = {}) {
      const [program = '', ...rest] = [...enter, ...argv]
      const env = { PATH: process.env['PATH'], ...environment }
      return follow(spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] }))
    },
    async read(argv) {
      const [program = '', ...rest] = [...enter, ...argv]
      return (await execute(program, rest)).stdout
    },
  }
}

function follow(process: ChildProcess): Run {
  let output = ''
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000)
  }
  process.stdout?.on('data', collect)
  process.stderr?.on('data', collect)
  const { promise, resolve } = Promise.withResolvers<number | string>()
  process.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  return { process, output: () => output, ended: promise }
}

function inNet(pid: number, argv: readonly string[]): Promise<unknown> {
  return execute('nsenter', [`--target=${pid}`, '--net', ...argv])
}

/** Joins two worlds by a cable: `192.0.2.1` is `a`, `192.0.2.2` is `b`. */
export async function join(a: World, b: World): Promise<void> {
  const peer = ['peer', 'name', 'eth0', 'netns', String(b.pid)]
  await inNet(a.pid, ['ip', 'link', 'add', 'eth0', 'type', 'veth', ...peer])
  for (const [end, address] of [
    [a, '192.0.2.1/24'],
    [b, '192.0.2.2/24'],
  ] as const) {
    await end.read(['ip', 'address', 'add', address, 'dev', 'eth0'])
    await end.read(['ip', 'link', 'set', 'eth0', 'up'])
  }
}

/** Gives the cable's end in `place` one more address of its network. */
export async function addAddress(place: World, address: string): Promise<void> {
  await place.read(['ip', 'address', 'add', `${address}/24`, 'dev', 'eth0'])
}

/** Asks `probe` until it gives something, at most `limitMs` long; then fails with `what`. */
export async function until<T>(
  what: string,
  limitMs: number,
  probe: () => Promise<T | null>,
): Promise<T> {
  const endMs = performance.now() + limitMs
  while (performance.now() < endMs) {
    const found = await probe()
    if (found !== null) return found
    await delay(250)
  }
  throw new Error(`not within ${limitMs} ms: ${what}`)
}

async function requirePrograms(names: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('this test makes namespaces and has to be root')
  for (const name of names) {
    await execute('sh', ['-c', 'command -v "$0"', name]).catch(() => {
      throw new Error(`this test needs ${name} (Debian: util-linux, iproute2, ntpsec, gpsd)`)
    })
  }
}
