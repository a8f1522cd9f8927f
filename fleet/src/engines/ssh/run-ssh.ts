/** Runs ssh(1) so that its own words and the far side's come apart. */
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessEnd, ProcessRequest, RunProcess } from '@timeball/lib/run-process.ts'

export interface SshRunEnd extends ProcessEnd {
  /** What the local ssh says; `null` when it ended before it had read its command line. */
  readonly log: string | null
}

const maxLogBytes = 64 * 1024

/**
 * Standard error of ssh has both what ssh says and what the far side writes there, so that a device
 * could speak in ssh's name. With -E ssh says its own into a file. A master that goes on with a
 * shared connection keeps the file open, which is why it is none that somebody waits to end.
 */
export async function runSsh(
  run: RunProcess,
  folder: string,
  request: Omit<ProcessRequest, 'file'>,
): Promise<SshRunEnd> {
  const path = join(folder, `log-${randomUUID().slice(0, 8)}`)
  try {
    const end = await run({ ...request, file: 'ssh', args: ['-E', path, ...request.args] })
    return { ...end, log: await readStart(path) }
  } finally {
    await rm(path, { force: true })
  }
}

async function readStart(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null)
  if (file === null) return null
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxLogBytes), 0, maxLogBytes, 0)
    return buffer.subarray(0, bytesRead).toString('utf8')
  } finally {
    await file.close()
  }
}
