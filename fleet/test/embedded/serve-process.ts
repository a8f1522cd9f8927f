/** `timeball serve` as a real process beside an embedded fleet, which tests kill as a machine would. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import type { EmbeddedFleet } from '@timeball/lab/embedded/start.ts'
import { timeballProgram } from '../run-program.ts'
import { canary } from './controller.ts'

export interface Serving {
  readonly said: readonly string[]
  /** The first line after the one that was found last; rejects when it ends before that. */
  line(pattern: RegExp): Promise<string>
  /** The exit code, or the name of the signal. */
  end(signal: NodeJS.Signals): Promise<number | string>
}

/** A bound, not a wait: what works does not come near it. */
const patienceMs = 240_000

/** Comes back when it answers. `sockets`: a folder for connections to devices. */
export async function serveBeside(
  embedded: EmbeddedFleet,
  sockets: string,
  options = '',
): Promise<Serving> {
  const words = options.split(' ').filter((word) => word !== '')
  const argv = ['serve', '--port', '0', '-i', embedded.inventoryPath, ...words]
  const child = spawn(process.execPath, [timeballProgram, ...argv], {
    env: { PATH: process.env['PATH'], API_KEY_1: canary, XDG_RUNTIME_DIR: sockets },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const ended = once(child, 'close')
  after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
  const said: string[] = []
  let read = 0
  let wake = Promise.withResolvers<void>()
  let isOver = false
  const tell = (): void => {
    wake.resolve()
    wake = Promise.withResolvers()
  }
  createInterface(child.stderr).on('line', (line) => {
    said.push(line)
    tell()
  })
  void ended.then(() => {
    isOver = true
    tell()
  })
  const late = AbortSignal.timeout(patienceMs)
  late.addEventListener('abort', tell)
  const serving: Serving = {
    said,
    async line(pattern) {
      for (;;) {
        const more = wake.promise
        const found = said.findIndex((line, index) => index >= read && pattern.test(line))
        if (found >= 0) {
          read = found + 1
          return said[found] ?? ''
        }
        if (isOver || late.aborted) {
          throw new Error(`no ${pattern.source} in\n${said.join('\n')}`)
        }
        await more
      }
    },
    async end(signal) {
      if (child.pid !== undefined) process.kill(child.pid, signal)
      const [code, name] = await ended
      return code ?? name
    },
  }
  await serving.line(/devices: http/)
  return serving
}
