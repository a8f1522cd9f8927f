import type { Problem } from '@timeball/lib/problem.ts'
import type { Position } from '../value.ts'

/** A file as it was read; `path` is how the operator named it and is only used in messages. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Collects the problems of an input; those past the first fifty are only counted. */
export interface Problems {
  readonly list: Problem[]
  add(at: Position, what: string, fix: string | null): void
}

const mostProblems = 50

export function collectProblems(): Problems {
  const list: Problem[] = []
  return {
    list,
    add(at, what, fix) {
      if (list.length < mostProblems) {
        list.push({ ...at, what: printable(what), fix: fix === null ? null : printable(fix) })
      } else if (list.length === mostProblems) {
        list.push({ ...at, what: 'more problems follow', fix: 'Mend these first' })
      }
    },
  }
}

/** Untrusted text for a message: controls become `?`, length is bounded. */
export function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?')
  return clean.length > 400 ? `${clean.slice(0, 400)}...` : clean
}
