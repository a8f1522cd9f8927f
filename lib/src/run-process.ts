/**
 * Runs a local program without a shell, within bounds of time and output. Knows nothing of ssh
 * except that a program may leave a child behind that keeps its pipes open.
 */
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { keepOutput } from './kept-output.ts'

export interface ProcessRequest {
  readonly file: string
  readonly args: readonly string[]
  /** When it rejects, the program is ended: `aborted`. */
  readonly stdin: Uint8Array | AsyncIterable<Uint8Array>
  /** Wall-clock limit. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /**
   * Gets standard output as it comes. After `complete` the program has two seconds left to exit by
   * itself; `enough` ends it now. Nothing more is read before a promise of it has resolved; it must
   * not reject.
   */
  readonly onStdout: (chunk: Buffer) => Answer | Promise<Answer>
}

type Answer = 'more' | 'complete' | 'enough'

/** How a program ended. `stderr` is its first 64 KiB, or why it could not be started. */
export interface ProcessEnd {
  readonly kind: 'exited' | 'enough' | 'timed-out' | 'aborted' | 'not-started'
  /** `null` unless `kind` is `exited`, or when a signal ended the program. */
  readonly code: number | null
  readonly stderr: string
}

export type RunProcess = (request: ProcessRequest) => Promise<ProcessEnd>

type Child = ChildProcessByStdio<Writable, Readable, Readable>

const stderrLimitBytes = 64 * 1024
/** How long a program may take to obey SIGTERM before it is killed. */
const termGraceMs = 500
/** How long a program may take to exit after it has said everything. */
const completeGraceMs = 2000
/** How long output is awaited after the exit of a program whose pipes somebody else keeps open. */
const drainGraceMs = 250

/**
 * INVARIANTS:
 * - settles once, never rejects, and never later than `timeoutMs` + 2 * `termGraceMs`;
 * - all output that was written before the exit has been handed over;
 * - the program is in a process group of its own, so that ending it ends its helpers too, and it
 *   has no terminal on which it could ask anything.
 */
export function runProcess(request: ProcessRequest): Promise<ProcessEnd> {
  if (request.signal.aborted) {
    return Promise.resolve({ kind: 'aborted', code: null, stderr: '' })
  }
  const child = spawn(request.file, [...request.args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    shell: false,
    detached: true,
  })
  // Without file descriptors left (EMFILE) Node gives a child without streams, and an error event.
  const stdin: Writable | null | undefined = child.stdin
  if (!stdin) return notStarted(child)
  // The program may end before it has read everything (EPIPE); its exit says why.
  child.stdin.on('error', () => {})
  return supervise(child, request)
}

/** Rejects when the source fails; a program that reads no further is no failure of it. */
async function feed(stdin: Writable, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of source) {
    if (stdin.destroyed) return
    if (!stdin.write(part)) await writable(stdin)
  }
  stdin.end()
}

function writable(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off('drain', done).off('close', done)
      resolve()
    }
    stdin.on('drain', done).on('close', done)
  })
}

function notStarted(child: Child): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve({ kind: 'not-started', code: null, stderr: error.message })
    })
  })
}

function supervise(child: Child, request: ProcessRequest): Promise<ProcessEnd> {
  const { promise, resolve } = Promise.withResolvers<ProcessEnd>()
  const stderr = collectStderr(child.stderr)
  const timers: NodeJS.Timeout[] = []
  let reason: ProcessEnd['kind'] = 'exited'

  function settle(code: number | null, why = stderr()): void {
    const busy = output.busy()
    if (reason === 'exited' && busy !== null) {
      void busy.then(() => settle(code, why))
      return
    }
    for (const timer of timers) clearTimeout(timer)
    request.signal.removeEventListener('abort', onAbort)
    child.stdin.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
    child.unref()
    if (reason !== 'exited') killGroup(child, 'SIGKILL')
    resolve({ kind: reason, code: reason === 'exited' ? code : null, stderr: why })
  }
  function end(because: ProcessEnd['kind']): void {
    if (reason !== 'exited') return
    reason = because
    killGroup(child, 'SIGTERM')
    timers.push(setTimeout(() => killGroup(child, 'SIGKILL'), termGraceMs))
    timers.push(setTimeout(() => settle(null), 2 * termGraceMs))
  }
  function onAbort(): void {
    end('aborted')
  }

  if (request.stdin instanceof Uint8Array) child.stdin.end(request.stdin)
  // Half of an input must never be taken for all of it.
  else feed(child.stdin, request.stdin).catch(() => end('aborted'))
  timers.push(setTimeout(() => end('timed-out'), request.timeoutMs))
  request.signal.addEventListener('abort', onAbort)
  function follow(answer: Answer): void {
    if (answer === 'enough') end('enough')
    if (answer === 'complete') timers.push(setTimeout(() => end('enough'), completeGraceMs))
  }
  const hand: typeof request.onStdout = (chunk) =>
    reason === 'exited' ? request.onStdout(chunk) : 'more'
  const output = handOver(child.stdout, hand, follow)
  child.on('error', (error) => {
    if (child.pid !== undefined) return
    reason = 'not-started'
    settle(null, error.message)
  })
  child.on('exit', (code) => {
    if (reason !== 'exited') settle(null)
    else if (code === 0 && child.stdout.readableEnded) settle(code)
    else void output.drained(timers).then(() => settle(code))
  })
  child.stdout.on('end', () => {
    if (child.exitCode === 0) settle(0)
  })
  child.on('close', (code) => settle(code))
  return promise
}

interface Output {
  /** Until the piece that was read last is dealt with; `null`: it is. */
  busy(): Promise<void> | null
  /** The rest may still be on its way; while somebody is busy with it, that does not count. */
  drained(timers: NodeJS.Timeout[]): Promise<void>
}

/** Hands output over piece by piece. */
function handOver(
  stdout: Readable,
  onStdout: ProcessRequest['onStdout'],
  follow: (answer: Answer) => void,
): Output {
  let busy: Promise<void> | null = null
  function later(work: Promise<Answer>): void {
    stdout.pause()
    const done = work.then((answer) => {
      if (busy === done) busy = null
      follow(answer)
      if (busy === null) stdout.resume()
    })
    busy = done
  }
  stdout.on('data', (chunk: Buffer) => {
    // At the exit of a program Node lets what is left flow, paused or not.
    if (busy !== null) return later(busy.then(() => onStdout(chunk)))
    const answer = onStdout(chunk)
    if (typeof answer === 'string') follow(answer)
    else later(answer)
  })
  return {
    busy: () => busy,
    async drained(timers) {
      await busy
      await new Promise((resolve) => timers.push(setTimeout(resolve, drainGraceMs)))
      if (busy !== null) await this.drained(timers)
    },
  }
}

function collectStderr(stream: Readable): () => string {
  const kept = keepOutput(stderrLimitBytes)
  stream.on('data', kept.push)
  return kept.text
}

function killGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group is gone already (ESRCH).
  }
}
