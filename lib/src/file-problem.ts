import type { Problem } from './problem.ts'

const reasons: ReadonlyMap<string, readonly [what: string, fix: string | null]> = new Map([
  ['ENOENT', ['there is no such file', null]],
  ['ENOTDIR', ['there is no such file', 'A part of its path is a file, not a folder']],
  ['EISDIR', ['this is a folder', 'Name a file']],
  ['EACCES', ['the file may not be opened', 'Check its permissions']],
  ['EPERM', ['the file may not be opened', 'Check its permissions']],
  ['EROFS', ['the file system is read-only', null]],
  ['ENOSPC', ['there is no space left', 'Make room, or name a file elsewhere']],
  ['ELOOP', ['its links lead in a circle', null]],
  ['ENAMETOOLONG', ['the name is too long', null]],
])

/** What a system error about a file means to an operator. */
export function fileProblem(file: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error'
  const [what, fix] = reasons.get(code) ?? [`the file cannot be opened: ${code}`, null]
  return { file, line: null, column: null, what, fix }
}
