import { printable } from './printable.ts'

/**
 * An operator's mistake in a file or on the command line. All problems of an input are collected
 * and shown at once; the command then ends with exit code 64 and has changed nothing.
 */
export interface Problem {
  /** Path of the file as the operator named it, or `(command line)`. */
  readonly file: string
  /** 1-based; `null` when the problem has no position, as with a file that is missing. */
  readonly line: number | null
  /** 1-based; `null` when `line` is `null`. */
  readonly column: number | null
  /** What is wrong, as one sentence without a full stop. */
  readonly what: string
  /** What to do about it, such as the nearest valid word; `null` when nothing helps. */
  readonly fix: string | null
}

/** Files quote themselves in what is wrong with them; nothing that is said is longer. */
const maxCharacters = 4_000

/** `inventory.yml:3:7: what`, and the fix on the next line: the form that editors and CI annotate. */
export function formatProblem(problem: Problem): string {
  const at = problem.line === null ? '' : `:${problem.line}:${problem.column ?? 1}`
  const fix = problem.fix === null ? '' : `\n    ${printable(problem.fix, maxCharacters)}`
  return `${printable(problem.file, maxCharacters)}${at}: ${printable(problem.what, maxCharacters)}${fix}`
}
