/** The operator's screen: stdout for data, stderr for messages, colours only where they are seen. */
import { styleText } from 'node:util'
import type { StyledLine } from '../core/plan/format-plan.ts'
import { redactor, type Redact } from '../core/secrets/redact.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { Output } from './output.ts'

export interface Streams {
  /** Opening it takes Node a while, and few commands ask. */
  stdin(): NodeJS.ReadStream
  /** For questions: what is typed is echoed there. */
  echo(): NodeJS.WriteStream
  readonly stdout: Output
  readonly stderr: Output
}

const styles = {
  plain: 'reset',
  heading: 'bold',
  added: 'green',
  removed: 'red',
  changed: 'yellow',
  warning: 'magenta',
  dim: 'dim',
} as const satisfies Record<StyledLine['style'], Parameters<typeof styleText>[0]>

const showAll: Redact = (text) => text

interface TerminalOptions {
  /** NO_COLOR is set (no-color.org). */
  readonly noColor: boolean
  /** TERM is dumb: it knows no escape codes, and prints them. */
  readonly isDumb: boolean
}

export function createTerminal(streams: Streams, { noColor, isDumb }: TerminalOptions): Terminal {
  const { stdout, stderr } = streams
  const color = stdout.isTerminal && !noColor && !isDumb
  const isInteractive = stderr.isTerminal && !isDumb
  let redact: Redact = showAll
  let live = ''
  const wipe = (): void => {
    if (live !== '') stderr.write('\r\x1b[K')
    live = ''
  }
  const screen = screenOn(stdout, isDumb)
  const out = (line: string): void => {
    wipe()
    screen.line(redact(line))
  }
  return {
    color,
    get width() {
      return stdout.columns()
    },
    isInteractive,
    out,
    say(line) {
      wipe()
      stderr.write(`${redact(line)}\n`)
    },
    outStyled(lines) {
      for (const line of lines) out(color ? colored(line) : line.text)
    },
    progress(text) {
      if (!isInteractive) return
      const line = redact(text).slice(0, Math.max(20, (stderr.columns() ?? 80) - 1))
      if (line === live) return
      wipe()
      stderr.write(line)
      live = line
    },
    clear: () => screen.clear(),
    hide(secrets) {
      redact = redactor(secrets)
    },
    async confirm(question) {
      if (!streams.stdin().isTTY) return null
      wipe()
      return await ask(streams, question, isDumb)
    },
    async askHidden(question) {
      if (!streams.stdin().isTTY) return null
      wipe()
      return await askHidden(streams, question)
    },
    async readHidden(question) {
      wipe()
      const stdin = streams.stdin()
      return stdin.isTTY ? await askHidden(streams, question) : await readAll(stdin)
    },
  }
}

function colored({ text, style }: StyledLine): string {
  return style === 'plain' ? text : styleText(styles[style], text, { validateStream: false })
}

/** Lines, and screens that are drawn over the one before. */
function screenOn(stdout: Output, isDumb: boolean) {
  /** The lines of the screen that is being made; `null`: none is. */
  let frame: string[] | null = null
  // In one piece, each line over the old one: a screen that is emptied first flickers.
  const draw = (): void => {
    const lines = (frame ?? []).map((line) => `${line}\x1b[K\n`)
    frame = null
    stdout.write(`\x1b[H${lines.join('')}\x1b[J`)
  }
  return {
    line(text: string) {
      if (frame === null) stdout.write(`${text}\n`)
      else frame.push(text)
    },
    clear() {
      if (!stdout.isTerminal || isDumb || frame !== null) return
      frame = []
      queueMicrotask(draw)
    },
  }
}

async function ask(streams: Streams, question: string, isDumb: boolean): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const [input, output] = [streams.stdin(), streams.echo()]
  const lines = createInterface({ input, output, terminal: !isDumb })
  // A terminal that is gone answers nothing.
  output.once('error', () => lines.close())
  try {
    const answer = await lines.question(`${question} [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false
  } finally {
    lines.close()
  }
}

/** Only the question is written; readline echoes into nothing. */
async function askHidden(streams: Streams, question: string): Promise<string | null> {
  const { createInterface } = await import('node:readline/promises')
  const { Writable } = await import('node:stream')
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: streams.stdin(), output, terminal: true })
  streams.stderr.write(question)
  try {
    const answer = await lines.question('')
    return answer === '' ? null : answer
  } catch {
    return null
  } finally {
    lines.close()
    streams.stderr.write('\n')
  }
}

const mostBytes = 64 * 1024

async function readAll(stdin: NodeJS.ReadStream): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk)
    chunks.push(bytes)
    length += bytes.length
    if (length > mostBytes) return null
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  return text === '' ? null : text
}
