/** The operator's screen: stdout for data, stderr for messages, colours only where they are seen. */
import { styleText } from 'node:util'
import type { StyledLine } from '../core/plan/format-plan.ts'
import { redactor, type Redact } from '../core/secrets/redact.ts'
import type { Terminal } from '../cli/terminal.ts'

export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
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

/** `noColor`: NO_COLOR is set, or TERM is dumb (no-color.org). */
export function createTerminal(streams: Streams, options: { readonly noColor: boolean }): Terminal {
  const { stdout, stderr } = streams
  const color = stdout.isTTY && !options.noColor
  let redact: Redact = showAll
  let live = ''
  const wipe = (): void => {
    if (live !== '') stderr.write('\r\x1b[K')
    live = ''
  }
  const out = (line: string): void => {
    wipe()
    stdout.write(`${redact(line)}\n`)
  }
  return {
    color,
    width: stdout.isTTY ? stdout.columns : null,
    isInteractive: stderr.isTTY,
    out,
    say(line) {
      wipe()
      stderr.write(`${redact(line)}\n`)
    },
    outStyled(lines) {
      for (const { text, style } of lines) {
        out(
          color && style !== 'plain'
            ? styleText(styles[style], text, { validateStream: false })
            : text,
        )
      }
    },
    progress(text) {
      if (!stderr.isTTY) return
      const line = redact(text).slice(0, Math.max(20, stderr.columns - 1))
      if (line === live) return
      wipe()
      stderr.write(line)
      live = line
    },
    clear() {
      if (stdout.isTTY) stdout.write('\x1b[H\x1b[2J')
    },
    hide(secrets) {
      redact = redactor(secrets)
    },
    async confirm(question) {
      // Opening stdin takes Node a while, and few commands ask.
      const { stdin } = streams
      if (!stdin.isTTY) return null
      wipe()
      return await ask(stdin, stderr, question)
    },
  }
}

async function ask(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  question: string,
): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input, output })
  try {
    const answer = await lines.question(`${question} [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false
  } finally {
    lines.close()
  }
}
