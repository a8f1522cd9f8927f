/** Output that is longer than the screen goes through a pager, as git does it: $PAGER, else less. */
import { spawnSync } from 'node:child_process'
import { commandWord } from '../cli/command-word.ts'
import type { Environment } from '../stores/registry.ts'
import { findProgram } from './find-program.ts'
import type { Output } from './output.ts'

/** Commands that say all at their end, and ask nothing. */
const paged: ReadonlySet<string | undefined> = new Set([
  ...['plan', 'status', 'health', 'clock', 'inventory', 'facts', 'ps', 'logs', 'drift', 'doctor'],
  ...['explain', 'help', 'ping'],
])
/** With one of these a command goes on, or asks. */
const lasting: ReadonlySet<string> = new Set(['--watch', '-w', '--follow', '-F', '--fix'])

/** For `sh -c`; `null`: the output goes to the screen as it comes. */
export function pagerFor(argv: readonly string[], environment: Environment): string | null {
  const isAsked = paged.has(commandWord(argv)) && !argv.some((word) => lasting.has(word))
  if (!isAsked || environment['TERM'] === 'dumb') return null
  const own = environment['PAGER']?.trim()
  if (own !== undefined) return own === '' || own === 'cat' ? null : own
  return findProgram(['less']) === null ? null : 'less'
}

export interface PagedOutput extends Output {
  /** Shows what was written; returns when the reader has seen enough. Nothing is kept after it. */
  finish(how: 'paged' | 'plain'): void
}

/** `rows` of the screen. */
export function pagedOutput(
  screen: Output,
  pager: string,
  { environment, rows }: { readonly environment: Environment; readonly rows: () => number },
): PagedOutput {
  let text = ''
  return {
    isTerminal: screen.isTerminal,
    columns: () => screen.columns(),
    write: (more) => void (text += more),
    onLoss: () => {},
    finish(how) {
      const all = text
      text = ''
      const isLong = all.split('\n').length > rows()
      if (how === 'paged' && isLong && show(pager, all, environment)) return
      if (all !== '') screen.write(all)
    },
  }
}

/** `false`: there is no such program. Quits by itself where all fits, with colours, without clearing. */
function show(pager: string, input: string, environment: Environment): boolean {
  const env = { LESS: 'FRX', LV: '-c', ...environment }
  const { status } = spawnSync('sh', ['-c', pager], {
    input,
    env,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  return status !== 126 && status !== 127
}
