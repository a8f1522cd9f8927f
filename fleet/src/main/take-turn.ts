/** A right that one process at a time has, and loses with its end, however that comes. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '@timeball/lib/files.ts'

const busy = 5

/**
 * The lock is the kernel's, on a file beside the state; `null`: another process has it. The function
 * gives it back.
 */
export function takeTurn(stateFolder: string, name: string): (() => void) | null {
  makeFolder(stateFolder, 0o700)
  const lock = new DatabaseSync(join(stateFolder, `${name}.lock`), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return () => lock.close()
  } catch (error) {
    lock.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return null
    throw error
  }
}
