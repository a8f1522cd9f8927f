/**
 * Texts from disk: sizes are bounded, symbolic links are followed, pipes and devices are refused.
 * They are small, and read at once: Node would start threads for less work than that is.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { fileProblem } from '@timeball/lib/file-problem.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { type SourceFile, largestText } from '../yaml/source.ts'

/** All files together; thousands of small host_vars files fit. */
const largestTotal = 64 * 1024 * 1024

/** What has been read so far. */
export interface Budget {
  /** Bytes. */
  used: number
}

/** The text of a regular file. A byte order mark stays. */
export function readText(path: string, budget: Budget = { used: 0 }): Result<SourceFile, Problem> {
  try {
    const found = statSync(path)
    if (found.isDirectory()) return refuse(path, 'this is a folder', 'Name a file')
    if (!found.isFile()) return refuse(path, 'this is not a regular file', null)
    if (found.size > largestText)
      return refuse(path, 'the file is larger than 1 MiB', 'Use host ranges, or split it')
    budget.used += found.size
    if (budget.used > largestTotal)
      return refuse(path, 'the variable files are larger than 64 MiB together', null)
    const bytes = readBytes(path, found.size)
    if (bytes === null) return refuse(path, 'the file changes while it is read', 'Try again')
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return ok({ path, text })
  } catch (error) {
    if (error instanceof TypeError)
      return refuse(path, 'the file is not valid UTF-8', 'Save it as UTF-8')
    return fail(fileProblem(path, error))
  }
}

/** The bytes of a file of a known size, `null` when there are more by now. */
function readBytes(path: string, size: number): Uint8Array | null {
  const file = openSync(path, 'r')
  try {
    const buffer = new Uint8Array(size + 1)
    let length = 0
    for (;;) {
      const bytesRead = readSync(file, buffer, length, buffer.length - length, null)
      length += bytesRead
      if (length === buffer.length) return null
      if (bytesRead === 0) return buffer.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}

function refuse(file: string, what: string, fix: string | null): Result<never, Problem> {
  return fail({ file, line: null, column: null, what, fix })
}
