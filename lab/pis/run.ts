/** Runs the foreign programs of the lab: Docker, ip, debootstrap, the servers. */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync, closeSync } from 'node:fs'
import { dirname } from 'node:path'
import { LabError } from './lab-error.ts'

export interface RunOptions {
  /** Sent to standard input, which is empty otherwise. */
  readonly input?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export interface Exit {
  /** `null` after a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const defaultTimeoutMs = 600_000

/** Starts a program and waits for it; a non-zero exit is the caller's to judge. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Exit> {
  const [program = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs ?? defaultTimeoutMs,
      killSignal: 'SIGKILL',
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (cause) => {
      reject(
        new LabError(`cannot start ${program}: is it installed? (lab/pis/packages.txt)`, { cause }),
      )
    })
    child.on('close', (code) => {
      resolve({
        code,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      })
    })
    // A program that exits without reading its input is judged by its exit code, not by EPIPE.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })
}

/** Like `run`, but anything except exit code 0 is a `LabError` with the end of the output. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const exit = await run(argv, options)
  if (exit.code === 0) return exit.stdout
  const tail = `${exit.stdout}\n${exit.stderr}`.trim().split('\n').slice(-12).join('\n')
  throw new LabError(`${argv.join(' ')}: exit ${exit.code ?? 'by signal'}\n${tail}`)
}

/**
 * Runs a long program so that nothing of it outlives this process, not even after SIGKILL: its
 * process tree and its mounts are in namespaces that end with the first process.
 */
export function mustMortal(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const cage = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork']
  return must([...cage, '--kill-child=KILL', '--mount-proc', '--', ...argv], options)
}

/** Starts a program that goes on after this process, with its output in `logFile`. */
export function startDetached(argv: readonly string[], logFile: string): void {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  const [program = '', ...rest] = argv
  const child = spawn(program, rest, { detached: true, stdio: ['ignore', log, log], cwd: '/' })
  closeSync(log)
  child.on('error', () => {})
  child.unref()
}

/** Asks `probe` until it is true; a `LabError` names `what` when `timeoutMs` has passed. */
export async function waitFor(
  what: string,
  timeoutMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await probe())) {
    if (performance.now() > end) throw new LabError(`${what}: not within ${timeoutMs / 1000} s`)
    await new Promise((wake) => setTimeout(wake, 150))
  }
}
