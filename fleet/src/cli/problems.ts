/** Shows an operator's mistakes: all of them, within reason. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { OutputError } from '../api/records/result-record.ts'
import type { ImageFailure } from '../app/prepare.ts'
import { isCarried } from '../core/desired/carried-image.ts'
import { formatProblem, type Problem } from '@timeball/lib/problem.ts'
import type { Terminal } from './terminal.ts'

const shown = 25

export function refuse(terminal: Terminal, problems: readonly Problem[]): ExitCode {
  terminal.heard?.errors.push(...problems.map(errorOf))
  for (const problem of problems.slice(0, shown)) terminal.say(formatProblem(problem))
  if (problems.length > shown) terminal.say(`… and ${problems.length - shown} more`)
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  terminal.say(`timeball: ${count}; nothing was changed`)
  return exitCodes.usage
}

const commandLine = '(command line)'

function errorOf({ file, line, column, what, fix }: Problem): OutputError {
  if (file === commandLine) return { code: 'usage', message: what, hint: fix }
  return { code: 'refused', message: what, hint: fix, file, line, column }
}

export function refuseImage(terminal: Terminal, { ref, detail }: ImageFailure): ExitCode {
  terminal.say(`timeball: the image could not be resolved to a digest: ${ref}: ${detail}`)
  terminal.say(
    isCarried(ref)
      ? '    timeball image build makes it (docs/images.md); or name an image of a registry in fleet.yaml'
      : '    check image in fleet.yaml and that this machine reaches the registry',
  )
  return exitCodes.failed
}

/** A mistake on the command line. */
export function usageProblem(what: string, fix: string | null): Problem {
  return { file: commandLine, line: null, column: null, what, fix }
}
