/** The folder of the shared connections' sockets. Whoever can open one of them is logged in. */
import { lstat, mkdir, rm } from 'node:fs/promises'
import type { Failure } from '../../core/failure.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { RunProcess } from '@timeball/lib/run-process.ts'

const endTimeoutMs = 1000

/** Makes the folder, and refuses one that others could have prepared or can read. */
export async function makePrivateFolder(path: string): Promise<Result<null, Failure>> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const found = await lstat(path)
    const isOurs = found.uid === process.getuid?.()
    if (found.isDirectory() && isOurs && (found.mode & 0o077) === 0) return ok(null)
    return refuse(`${path} must be a folder of your own with mode 0700`)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : path)
  }
}

function refuse(detail: string): Result<null, Failure> {
  return fail({ code: 'unreachable', detail: printable(`no folder for ssh's sockets: ${detail}`) })
}

/**
 * Ends the shared connection of a socket, with everything that runs over it. A master that does not
 * react loses its socket, so that nobody waits for it again.
 */
export async function endSharedConnection(path: string, run: RunProcess): Promise<void> {
  const end = await run({
    file: 'ssh',
    // No configuration file and no host: the socket is all that matters here.
    args: ['-F', 'none', '-O', 'exit', '-S', path.replaceAll('%', '%%'), '--', 'localhost'],
    stdin: new Uint8Array(),
    timeoutMs: endTimeoutMs,
    signal: new AbortController().signal,
    onStdout: () => 'more',
  })
  if (end.kind !== 'exited') await rm(path, { force: true })
}
