/** One command of an SSH session: a shell with its three streams joined to the channel. */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'
import type { DeviceFaults } from './faults.ts'

/** Where commands run. */
export interface CommandHost {
  /** The whole environment of a command: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>
  readonly home: string
  /** Called with each started process, so that the device can end it when it is switched off. */
  readonly started: (child: ChildProcess) => void
}

export interface CommandContext {
  readonly faults: DeviceFaults
  readonly host: CommandHost
  /** Ends the whole connection. */
  readonly cut: () => void
}

/**
 * Runs `command` as sshd does: `/bin/sh -c` in a process group of its own. When the client goes
 * away the command loses its streams and goes on.
 */
export function runCommand(channel: ServerChannel, command: string, context: CommandContext): void {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: context.host.home,
    env: { ...context.host.environment },
    detached: true,
    stdio: 'pipe',
  })
  context.host.started(child)
  const { cutAfterStdinBytes, cutAfterStdoutBytes } = context.faults
  if (cutAfterStdinBytes !== null) cutAfter(channel, cutAfterStdinBytes, context.cut)
  if (cutAfterStdoutBytes !== null) cutAfter(child.stdout, cutAfterStdoutBytes, context.cut)

  // A command that does not read its input closes the pipe: not an error of the session.
  child.stdin.on('error', () => {})
  join(channel, child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })

  let finished = false
  child.once('error', () => finish(127, null))
  child.once('close', finish)
  channel.once('close', () => {
    if (finished) return
    child.stdin.end()
    child.stdout.destroy()
    child.stderr.destroy()
  })

  function finish(code: number | null, signal: NodeJS.Signals | null): void {
    if (finished) return
    finished = true
    if (signal !== null) channel.exit(signal.replace(/^SIG/, ''), false, '')
    else channel.exit(code ?? 255)
    channel.end()
  }
}

/** `pipe`, and the rest of the input is thrown away once the command has stopped reading. */
function join(from: Readable, to: Writable): void {
  from.pipe(to)
  to.once('close', () => {
    from.unpipe(to)
    from.resume()
  })
}

function cutAfter(stream: Readable, limitBytes: number, cut: () => void): void {
  let seenBytes = 0
  stream.on('data', (chunk: Buffer) => {
    seenBytes += chunk.length
    if (seenBytes >= limitBytes) cut()
  })
}
