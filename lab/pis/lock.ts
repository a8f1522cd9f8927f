/** One `lab` command at a time on a machine. */
import { createServer, type Server } from 'node:net'
import { LabError } from './lab-error.ts'

export interface LockOptions {
  /** How long to wait for another command to end. */
  readonly patienceMs: number
  /** Told once when there is something to wait for. */
  readonly onWait?: () => void
  /** Only tests have another one. */
  readonly name?: string
}

/**
 * Runs `work` while holding the lab's lock; a `LabError` when another command holds it for longer
 * than `patienceMs`. The lock is an abstract socket: the kernel frees it with the process, however
 * that ends.
 */
export async function withLabLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + options.patienceMs
  const path = `\0${options.name ?? 'timeball-lab-lock'}`
  let server = await claim(path)
  if (server === null) options.onWait?.()
  while (server === null) {
    if (performance.now() > end) throw new LabError('another lab command is running')
    await new Promise((wake) => setTimeout(wake, 200))
    server = await claim(path)
  }
  try {
    return await work()
  } finally {
    server.close()
  }
}

function claim(path: string): Promise<Server | null> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(null))
    server.listen(path, () => resolve(server))
  })
}
