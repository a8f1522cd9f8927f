/** The processes of a device that are not containers: sessions, timers, boot units. */
import { readdir, readFile } from 'node:fs/promises'
import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'

export interface Processes {
  /** Remembers a process that leads a process group of its own. */
  add(child: ChildProcess): void
  /** Ends all of them, and whatever they left behind that still runs for this device. */
  killAll(): Promise<void>
}

/** `marker`: a line of the environment, `NAME=value`, that only processes of this device have. */
export function processes(marker: string): Processes {
  const children = new Set<ChildProcess>()
  return {
    add(child) {
      children.add(child)
      child.once('exit', () => children.delete(child))
      child.once('error', () => children.delete(child))
    },
    async killAll() {
      await Promise.all([...children].map(killGroup))
      for (const pid of await pidsWith(marker)) signal(pid)
    },
  }
}

async function killGroup(child: ChildProcess): Promise<void> {
  // A child that was not waited for keeps its number, so this cannot be another process.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  signal(-child.pid)
  await exit
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** A process that was detached from its session is known by its environment only. */
async function pidsWith(marker: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => [])
  const found = await Promise.all(
    entries
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
        return environment.split('\0').includes(marker) ? [Number(name)] : []
      }),
  )
  return found.flat().filter((pid) => pid !== process.pid)
}
