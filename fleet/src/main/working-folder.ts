/** Where the program was started, and where it works: `-C`. */
import type { Problem } from '@timeball/lib/problem.ts'

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such folder'],
  ['ENOTDIR', 'this is no folder'],
  ['EACCES', 'the folder may not be entered'],
])

export interface WorkingFolder {
  /** `null`: done. */
  readonly enter: (path: string) => Problem | null
  /** Back to where the program was started. */
  readonly leave: () => void
}

export function workingFolder(): WorkingFolder {
  let startedIn: string | null = null
  return {
    enter(path) {
      const before = process.cwd()
      try {
        process.chdir(path)
      } catch (error) {
        const code =
          error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
        const what = `-C: ${path}: ${reasons.get(code) ?? code}`
        return { file: '(command line)', line: null, column: null, what, fix: 'name a folder' }
      }
      startedIn ??= before
      return null
    },
    leave() {
      if (startedIn !== null) process.chdir(startedIn)
    },
  }
}
