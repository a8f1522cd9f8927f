/** `timeball run`: a command or a script on many devices; those that say the same are shown once. */
import type { ExitCode } from '../../api/exit-codes.ts'
import { foldAnswers, linesOfFold } from '../../core/ask/fold.ts'
import { scriptOf } from '../../core/ask/shell-words.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { reach } from '../start.ts'
import { askFleet, endOf, failedOf } from './ask-fleet.ts'

export interface RunOptions extends FleetOptions {
  readonly sudo?: boolean
  readonly script?: string
  /** Seconds that each device has. */
  readonly timeout: number
}

/** What is kept of a device's output. */
export const mostBytes = 1024 * 1024

/** `words`: what came after `--`; `null`: there was none. */
export async function runOnMany(
  context: Context,
  targets: string | undefined,
  words: readonly string[] | null,
  options: RunOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const script = await scriptFrom(context, words, options)
  if (typeof script !== 'string') return script.exit
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const records = await openRecords(context, options.json)
  const as = options.sudo === true ? 'root' : 'login'
  const question = { script, as, seconds: options.timeout, mostBytes } as const
  const answers = await askFleet(context, reached.value, question, records)
  await reached.value.outside.engine.close('keep')
  if (records === null) {
    for (const fold of foldAnswers(answers)) {
      const [heading = '', ...lines] = linesOfFold(fold)
      terminal.outStyled([{ text: heading, style: 'heading' }])
      for (const line of lines) terminal.out(line)
    }
  }
  const failed = failedOf(answers)
  await context.saveLastRun(reached.value.loaded, { failed })
  const exit = endOf(context, answers)
  return records?.result(exit, { failed }) ?? exit
}

async function scriptFrom(
  context: Context,
  words: readonly string[] | null,
  { script }: RunOptions,
): Promise<string | { readonly exit: ExitCode }> {
  const refused = (what: string, fix: string): { exit: ExitCode } => ({
    exit: refuse(context.terminal, [usageProblem(what, fix)]),
  })
  if (script !== undefined) {
    if (words !== null)
      return refused('--script and a command cannot be run together', 'leave one out')
    const text = await context.readText(script)
    return text.ok ? text.value : { exit: refuse(context.terminal, [text.failure]) }
  }
  if (words !== null && words.length > 0) return scriptOf(words)
  return refused('there is no command to run', 'write it after --: timeball run -- uptime')
}
