import type { Problem } from '@timeball/lib/problem.ts'
import type { Position } from '../value.ts'

/** A file as it was read. */
export interface SourceFile {
  /** How the operator named it, for messages. */
  readonly path: string
  readonly text: string
}

/** The largest file that is read, in UTF-16 units; a fleet of 10,000 devices has about half. */
export const largestText = 1024 * 1024

/** Whether a file is small enough to be read. */
export function checkSize({ path, text }: SourceFile, problems: Problems): boolean {
  if (text.length <= largestText) return true
  const fix = 'Use host ranges such as pi-[01:99], or split it'
  problems.add({ file: path, line: 1, column: 1 }, 'the file is larger than 1 MiB', fix)
  return false
}

/** Collects the problems of an input; those past the first fifty are only counted. */
export interface Problems {
  readonly list: readonly Problem[]
  add(at: Position, what: string, fix: string | null): void
  addAll(problems: readonly Problem[]): void
}

const mostProblems = 50

export function collectProblems(): Problems {
  const list: Problem[] = []
  const push = (problem: Problem): void => {
    if (list.length < mostProblems) list.push(problem)
    else if (list.length === mostProblems) {
      list.push({ ...problem, what: 'more problems follow', fix: 'Mend these first' })
    }
  }
  return {
    list,
    add(at, what, fix) {
      push({ ...at, what: printable(what), fix: fix === null ? null : printable(fix) })
    },
    addAll(problems) {
      for (const problem of problems) push(problem)
    },
  }
}

/** The same, for a file that was encrypted: what is quoted from it is not shown. */
export function hidingQuotes(problems: Problems): Problems {
  return {
    list: problems.list,
    add(at, what, fix) {
      problems.add(at, hide(what), fix === null ? null : hide(fix))
    },
    addAll(more) {
      for (const { what, fix, ...at } of more) {
        problems.addAll([{ ...at, what: hide(what), fix: fix === null ? null : hide(fix) }])
      }
    },
  }
}

function hide(text: string): string {
  return text.replace(/"[^"]*"/g, '"…"')
}

/** Untrusted text for a message: controls become `?`, length is bounded. */
export function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?')
  return clean.length > 400 ? `${clean.slice(0, 400)}...` : clean
}
