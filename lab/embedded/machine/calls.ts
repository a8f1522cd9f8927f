/**
 * How the simulated programs of a device reach the machine: `bin/forward.sh` writes its arguments
 * into `calls/PID.call` and waits on the pipe `calls/PID.status`.
 */
import { constants, watch } from 'node:fs'
import { access, open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** One run of a simulated program. */
export interface Call {
  readonly program: string
  /** The caller's working folder. */
  readonly folder: string
  readonly argv: readonly string[]
}

export interface Answer {
  readonly status: number
  readonly stdout?: string
  readonly stderr?: string
}

export interface Calls {
  close(): Promise<void>
}

/**
 * Answers the calls in `folder` until it is closed.
 *
 * INVARIANTS:
 * - A call is claimed by renaming it, so that it is answered once however often it is announced.
 * - Our end of the caller's pipe is open from the claim until the caller has removed the pipe: what
 *   it holds would be lost earlier, and the caller sees our death as end of file.
 */
export function answerCalls(folder: string, answer: (call: Call) => Promise<Answer>): Calls {
  const pipes = new Map<string, FileHandle>()
  const watcher = watch(folder, (_event, file) => {
    const [, id, kind] = /^(\d+)\.(call|status)$/.exec(file ?? '') ?? []
    if (id === undefined) return
    if (kind === 'call') void serve(id)
    else void release(id)
  })
  watcher.on('error', () => watcher.close())

  async function serve(id: string): Promise<void> {
    const path = join(folder, id)
    try {
      await rename(`${path}.call`, `${path}.claimed`)
      const pipe = await open(`${path}.status`, constants.O_RDWR | constants.O_NONBLOCK)
      pipes.set(id, pipe)
      const reply = await answer(parseCall(await readFile(`${path}.claimed`, 'utf8')))
      await rm(`${path}.claimed`)
      if (reply.stdout) await writeFile(`${path}.out`, reply.stdout)
      if (reply.stderr) await writeFile(`${path}.err`, reply.stderr)
      await pipe.write(`${reply.status}\n`)
    } catch {
      // Claimed already, or the caller was killed, or the device's folder is gone.
    }
  }

  async function release(id: string): Promise<void> {
    const pipe = pipes.get(id)
    if (pipe === undefined || (await exists(join(folder, `${id}.status`)))) return
    pipes.delete(id)
    await pipe.close()
  }

  return {
    async close() {
      watcher.close()
      await Promise.all([...pipes.values()].map((pipe) => pipe.close()))
      pipes.clear()
    },
  }
}

function parseCall(text: string): Call {
  const [program = '', folder = '', ...argv] = text.split('\0').slice(0, -1)
  return { program, folder, argv }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
