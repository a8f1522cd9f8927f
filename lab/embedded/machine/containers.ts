/** The containers of an embedded device: real time-server processes, kept up as Docker would. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'

export interface ContainerSpec {
  readonly name: string
  /** As the compose file has it. */
  readonly imageRef: string
  readonly imageId: string
  /** Program and arguments. */
  readonly command: readonly string[]
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Of everything that the container was made from: another one needs another container. */
  readonly projectHash: string
  /** Standard output and error are appended to it. */
  readonly logFile: string
  /** Docker's `--restart no`; left out, it is `unless-stopped`. */
  readonly once?: boolean
}

export interface Container {
  readonly id: string
  readonly spec: ContainerSpec
  readonly state: 'running' | 'restarting' | 'exited'
  readonly restarts: number
  /** `null` while it does not run. */
  readonly pid: number | null
  readonly exitCode: number
}

export interface Containers {
  list(): readonly Container[]
  find(nameOrId: string): Container | null
  /** Replaces the container of the same name. Resolves a moment after its process was started. */
  run(spec: ContainerSpec): Promise<Container>
  /** Ends the process and starts it again, as the same container. */
  restart(name: string): Promise<void>
  stop(name: string): Promise<void>
  remove(name: string): Promise<void>
  /** All of them, at once and without a word: a power cut. They stay listed. */
  killAll(): Promise<void>
}

/** Who lives this long counts as running; Docker's own `up` takes longer. */
const startGraceMs = 100
/** Docker doubles its delay from 100 ms to a minute; the demo should not wait that long. */
const maxRestartDelayMs = 5_000
const stopGraceMs = 2_000

interface Entry {
  readonly id: string
  readonly spec: ContainerSpec
  state: Container['state']
  restarts: number
  exitCode: number
  child: ChildProcess | null
  log: WriteStream
  /** Docker's `unless-stopped`. */
  wanted: boolean
  retry: NodeJS.Timeout | null
}

/** `changed` is told whenever a process was started or has ended. */
export function containers(changed: (container: Container) => void): Containers {
  const entries = new Map<string, Entry>()

  async function start(entry: Entry): Promise<void> {
    const [program = '', ...argv] = entry.spec.command
    // The pipe on standard input is the lifeline: it closes when this process dies, however it dies.
    const child = spawn(program, argv, { env: { ...entry.spec.environment }, stdio: 'pipe' })
    child.stdin.on('error', () => {})
    child.stdout.pipe(entry.log, { end: false })
    child.stderr.pipe(entry.log, { end: false })
    entry.child = child
    child.once('error', () => ended(entry, child, 127))
    child.once('exit', (code) => ended(entry, child, code ?? 137))
    await survived(child)
    if (entry.child !== child) return
    entry.state = 'running'
    changed(view(entry))
  }

  function ended(entry: Entry, child: ChildProcess, exitCode: number): void {
    if (entry.child !== child) return
    entry.child = null
    entry.exitCode = exitCode
    const again = entry.wanted && entry.spec.once !== true
    entry.state = again ? 'restarting' : 'exited'
    if (again) {
      const delayMs = Math.min(100 * 2 ** entry.restarts, maxRestartDelayMs)
      entry.retry = setTimeout(() => {
        entry.restarts += 1
        void start(entry)
      }, delayMs)
    }
    changed(view(entry))
  }

  async function halt(entry: Entry, signal: NodeJS.Signals): Promise<void> {
    entry.wanted = false
    if (entry.retry !== null) clearTimeout(entry.retry)
    const { child } = entry
    if (child === null) {
      entry.state = 'exited'
      return
    }
    const exit = once(child, 'exit')
    child.kill(signal)
    const grace = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
    await exit
    clearTimeout(grace)
  }

  async function discard(name: string): Promise<void> {
    const entry = entries.get(name)
    if (entry === undefined) return
    await halt(entry, 'SIGTERM')
    entries.delete(name)
    entry.log.end()
  }

  return {
    list: () => [...entries.values()].map(view),
    find(nameOrId) {
      const named = entries.get(nameOrId)
      const entry = named ?? [...entries.values()].find(({ id }) => id.startsWith(nameOrId))
      return entry === undefined ? null : view(entry)
    },
    async run(spec) {
      await discard(spec.name)
      const id = randomBytes(32).toString('hex')
      const log = createWriteStream(spec.logFile, { flags: 'a' })
      log.on('error', () => {})
      const fresh = { state: 'exited', restarts: 0, exitCode: 0, child: null, retry: null } as const
      const entry: Entry = { ...fresh, id, spec, log, wanted: true }
      entries.set(spec.name, entry)
      await start(entry)
      return view(entry)
    },
    async restart(name) {
      const entry = entries.get(name)
      if (entry === undefined) return
      await halt(entry, 'SIGTERM')
      entry.wanted = true
      await start(entry)
    },
    async stop(name) {
      const entry = entries.get(name)
      if (entry !== undefined) await halt(entry, 'SIGTERM')
    },
    remove: discard,
    async killAll() {
      await Promise.all([...entries.values()].map((entry) => halt(entry, 'SIGKILL')))
    },
  }
}

async function survived(child: ChildProcess): Promise<void> {
  const grace = AbortSignal.timeout(startGraceMs)
  await once(child, 'exit', { signal: grace }).catch(() => {})
}

function view(entry: Entry): Container {
  const { id, spec, state, restarts, exitCode, child } = entry
  return { id, spec, state, restarts, exitCode, pid: child?.pid ?? null }
}
