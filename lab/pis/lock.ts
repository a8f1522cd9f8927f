/** One `lab` command at a time on a machine. */
import { createServer } from 'node:net'
import { LabError } from './lab-error.ts'

/**
 * Runs `work` while holding the lab's lock, or fails at once when another command holds it. The
 * lock is an abstract socket: the kernel frees it with the process, however that ends.
 */
export async function withLabLock<T>(
  work: () => Promise<T>,
  name = 'timeball-lab-lock',
): Promise<T> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => {
      reject(new LabError('another lab command is running: wait for it to end'))
    })
    server.listen(`\0${name}`, resolve)
  })
  try {
    return await work()
  } finally {
    server.close()
  }
}
