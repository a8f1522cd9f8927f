/**
 * Runs a command over a connection that an earlier ssh(1) left open, without a process: a
 * controller of many devices would spend most of its time on starting ssh, which does no more then
 * than to hand over three pipes. Who may log in, and where, was decided by the ssh that holds the
 * connection. docs/decisions/0016-sessions-without-a-process.md
 */
import type { Socket } from 'node:net'
import { keepOutput } from '@timeball/lib/kept-output.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { ProcessEnd, ProcessRequest } from '@timeball/lib/run-process.ts'
import { credit } from './credit.ts'
import { dialMaster } from './master.ts'
import { adjustWindow, execute, openSession, sendClose, sendData, sendEof } from './packets.ts'
import type { ChannelMessage } from './packets.ts'
import type { SshRunEnd } from './run-ssh.ts'

export type SharedRequest = Omit<ProcessRequest, 'file' | 'args'>

/** As much as ssh itself lets a server send ahead: CHAN_SES_WINDOW_DEFAULT of channels.h. */
const windowBytes = 2 * 1024 * 1024
const packetBytes = 32 * 1024
const stderrLimitBytes = 64 * 1024
/** How long a command may take to end after it has said everything; as for a process. */
const completeGraceMs = 2000
/** How long the far side may take to agree that the session is closed. */
const closeGraceMs = 2000

/**
 * Like a run of ssh(1) with the socket at `path`: settles once, never rejects, within `timeoutMs`.
 * `null`: there is no such connection, or it takes no further session, and nothing was asked of the
 * device; then ssh itself is to be run.
 */
export function runShared(
  path: string,
  command: string,
  request: SharedRequest,
): Promise<SshRunEnd | null> {
  if (request.signal.aborted) {
    return Promise.resolve({ kind: 'aborted', code: null, stderr: '', log: '' })
  }
  const { promise, resolve } = Promise.withResolvers<SshRunEnd | null>()
  void new SharedRun(path, command, request, resolve)
  return promise
}

/**
 * INVARIANTS:
 * - the far side is never ahead of `onStdout` by more than a window;
 * - the socket is not closed between the request for a session and its answer: the ssh that holds
 *   the connection does not survive that (channels.c, chan_send_close2), nor does who shares it.
 */
class SharedRun {
  readonly #command: string
  readonly #request: SharedRequest
  readonly #resolve: (end: SshRunEnd | null) => void
  readonly #socket: Socket
  readonly #window = credit()
  readonly #timers: NodeJS.Timeout[] = []
  readonly #stderr = keepOutput(stderrLimitBytes)
  #step: 'greeting' | 'opening' | 'running' | 'settled' = 'greeting'
  /** The device's number of the channel, as soon as it has one. */
  #channel: number | null = null
  #busy: Promise<void> = Promise.resolve()
  #pieces = 0
  #unacknowledged = 0
  #code: number | null = null
  #log = 'the shared connection was closed'

  constructor(
    path: string,
    command: string,
    request: SharedRequest,
    resolve: (end: SshRunEnd | null) => void,
  ) {
    this.#command = command
    this.#request = request
    this.#resolve = resolve
    this.#socket = dialMaster(path, {
      onReady: () => {
        this.#step = 'opening'
        this.#socket.write(openSession(windowBytes, packetBytes))
      },
      onMessage: (message) => this.#hear(message),
      onLost: () => (this.#step === 'running' ? this.#end('exited') : this.#giveUp()),
    })
    this.#timers.push(setTimeout(() => this.#end('timed-out'), request.timeoutMs))
    request.signal.addEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.#end('aborted')

  #settle(end: SshRunEnd | null): void {
    this.#step = 'settled'
    for (const timer of this.#timers) clearTimeout(timer)
    this.#request.signal.removeEventListener('abort', this.#onAbort)
    this.#window.stop()
    this.#resolve(end)
  }

  #end(kind: Exclude<ProcessEnd['kind'], 'not-started'>): void {
    if (this.#step === 'settled') return
    this.#settle({
      kind,
      code: kind === 'exited' ? (this.#code ?? 255) : null,
      stderr: this.#stderr.text(),
      log: this.#log,
    })
    if (this.#channel !== null) this.#socket.write(sendClose(this.#channel))
    if (kind === 'exited') this.#socket.end()
    else setTimeout(() => this.#socket.destroy(), closeGraceMs).unref()
  }

  /** Nothing was asked of the device: ssh may try by itself. */
  #giveUp(): void {
    if (this.#step !== 'settled') this.#settle(null)
    this.#socket.destroy()
  }

  #hear(message: ChannelMessage): void {
    switch (message.type) {
      case 'opened':
        return this.#begin(message)
      case 'refused':
        // Left open, until this process ends: see the invariants.
        this.#socket.unref()
        return this.#step === 'settled' ? undefined : this.#settle(null)
      case 'failed':
        this.#log = 'the device runs no command for this user'
        return this.#end('exited')
      case 'close':
        return this.#close()
      default:
        if (this.#step === 'running') this.#read(message)
    }
  }

  #begin({ id, window }: Extract<ChannelMessage, { type: 'opened' }>): void {
    this.#channel = id
    if (this.#step === 'settled') {
      this.#socket.end(sendClose(id))
      return
    }
    this.#step = 'running'
    this.#window.add(window)
    this.#socket.write(execute(id, this.#command))
    // Half of an input must never be taken for all of it.
    this.#feed(id).catch(() => this.#end('aborted'))
  }

  #read(message: ChannelMessage): void {
    switch (message.type) {
      case 'window':
        return this.#window.add(message.bytes)
      case 'stdout':
        return this.#hand(message.data)
      case 'stderr':
        this.#stderr.push(message.data)
        return this.#acknowledge(message.data.length)
      case 'exit-status':
        this.#code = message.code
        this.#log = ''
        return
      case 'exit-signal':
        this.#log = `the command was ended by signal ${printable(message.signal, 16)}`
        return
      default:
    }
  }

  async #feed(id: number): Promise<void> {
    const { stdin } = this.#request
    for await (const part of stdin instanceof Uint8Array ? [stdin] : stdin) {
      for (let sent = 0; sent < part.length;) {
        const bytes = await this.#window.take(Math.min(packetBytes, part.length - sent))
        if (bytes === 0) return
        this.#socket.write(sendData(id, part.subarray(sent, sent + bytes)))
        sent += bytes
      }
    }
    this.#socket.write(sendEof(id))
  }

  /** Piece by piece: the next one when `onStdout` has dealt with the last. */
  #hand(data: Buffer): void {
    if (this.#pieces === 0) {
      const answer = this.#request.onStdout(data)
      if (typeof answer === 'string') return this.#follow(answer, data.length)
      return this.#await(answer, data.length)
    }
    this.#await(
      this.#busy.then(() => this.#request.onStdout(data)),
      data.length,
    )
  }

  #await(work: Promise<'more' | 'complete' | 'enough'>, bytes: number): void {
    this.#pieces++
    this.#busy = work.then((answer) => {
      this.#pieces--
      this.#follow(answer, bytes)
    })
  }

  #follow(answer: 'more' | 'complete' | 'enough', bytes: number): void {
    this.#acknowledge(bytes)
    if (answer === 'enough') this.#end('enough')
    if (answer === 'complete') {
      this.#timers.push(setTimeout(() => this.#end('enough'), completeGraceMs))
    }
  }

  #acknowledge(bytes: number): void {
    this.#unacknowledged += bytes
    if (this.#channel === null || this.#unacknowledged < windowBytes / 2) return
    this.#socket.write(adjustWindow(this.#channel, this.#unacknowledged))
    this.#unacknowledged = 0
  }

  #close(): void {
    if (this.#step === 'settled') this.#socket.end()
    else if (this.#pieces === 0) this.#end('exited')
    else void this.#busy.then(() => this.#close())
  }
}
