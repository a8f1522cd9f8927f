/** A unix socket that only its owner may open, at a place where an earlier process may have left one. */
import { lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { makeFolder } from '@timeball/lib/files.ts'
import { fail, type Result } from '@timeball/lib/result.ts'

/** Of the path, with its end: `sun_path` in unix(7). */
const mostBytes = 107

/** The failure is a sentence. Nobody else may open it at any time: it is made with its mode. */
export async function openSocket(
  path: string,
  listen: (path: string) => Promise<Result<null, string>>,
): Promise<Result<null, string>> {
  const bytes = Buffer.byteLength(path)
  if (bytes > mostBytes) return fail(`a socket's path has at most ${mostBytes} bytes, not ${bytes}`)
  try {
    makeFolder(dirname(path), 0o700)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isSocket() === false) return fail('there is something else than a socket')
    if (found !== undefined && (await isAnswered(path))) {
      return fail('another controller of this fleet answers there')
    }
    if (found !== undefined) unlinkSync(path)
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
  // Node binds at once, before anything else of this process runs.
  const before = process.umask(0o177)
  const listening = listen(path)
  process.umask(before)
  return await listening
}

async function isAnswered(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  const answered = await promise
  socket.destroy()
  return answered
}
