/** The controller with its page, beside what the demo does. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../cli/context.ts'
import { serveCommand } from '../cli/serve.ts'
import type { Terminal } from '../cli/terminal.ts'
import { readPage } from './page.ts'

export interface DemoPage {
  /** Signs in whoever opens it. */
  readonly url: string
  close(): Promise<void>
}

export interface DemoPlace {
  readonly directory: string
  readonly inventory: string
  readonly fleet: string
}

/**
 * `null`: the program has no page, or it could not be served. What the controller says goes nowhere:
 * the demo has a voice of its own.
 */
export async function openDemoPage(
  { directory, ...files }: DemoPlace,
  {
    terminal,
    contextOf,
  }: { terminal: Terminal; contextOf: (own: Terminal, stop: AbortSignal) => Context },
): Promise<DemoPage | null> {
  if ((await readPage('index.html')) === null) return null
  const token = randomBytes(24).toString('base64url')
  const tokenFile = join(directory, 'token')
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 })
  const stop = new AbortController()
  const { promise: address, resolve } = Promise.withResolvers<string | null>()
  const own: Terminal = {
    ...terminal,
    isInteractive: false,
    say(line) {
      const at = line.indexOf('http://')
      if (at !== -1) resolve(line.slice(at))
    },
    hide() {},
  }
  const where = { bind: '127.0.0.1', port: 0, tokenFile }
  const ended = serveCommand(contextOf(own, stop.signal), {
    ...{ ...files, ...where, interval: 5, lookInterval: 15, log: 'text' },
  }).finally(() => resolve(null))
  const at = await address
  if (at === null) return null
  return {
    url: `${at}/#token=${token}`,
    async close() {
      stop.abort()
      await ended
    },
  }
}
