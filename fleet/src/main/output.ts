/**
 * stdout and stderr. Writing is synchronous, as Node's own is on Linux; unlike there, whoever writes
 * hears at once that nothing more can be written, and a plain file or pipe costs no stream.
 */
import { fstatSync, writeSync } from 'node:fs'

/** `gone`: its reader has left (EPIPE). `broken`: it cannot be written, such as on a full disk. */
export type Loss = { readonly kind: 'gone' } | { readonly kind: 'broken'; readonly why: string }

export interface Output {
  readonly isTerminal: boolean
  /** Columns of the terminal, as it is now, 80 where it does not say; `null`: it is none. */
  columns(): number | null
  /** Nothing is written any more after the first loss, which is told once. */
  write(text: string): void
  /** Called at most once. */
  onLoss: (loss: Loss) => void
}

const usualColumns = 80

/** A serial line, or a terminal that a program made, may say 0. */
export function columnsOf(said: number | undefined): number {
  return said === undefined || said === 0 ? usualColumns : said
}

/** `stream`: Node's stream of the same output, which knows terminals. */
export function openOutput(file: 1 | 2, stream: () => NodeJS.WriteStream): Output {
  const isTerminal = couldBeTerminal(file) && stream().isTTY
  let isLost = false
  const output: Output = {
    isTerminal,
    columns: () => (isTerminal ? columnsOf(stream().columns) : null),
    write(text) {
      if (isLost) return
      try {
        writeAll(file, Buffer.from(text))
      } catch (error) {
        isLost = true
        output.onLoss(lossOf(error))
      }
    },
    onLoss: () => {},
  }
  return output
}

/** Device files with this number are memory: /dev/null, /dev/full (Linux, devices.txt). */
const memoryDevices = 1

function couldBeTerminal(file: number): boolean {
  const stat = fstatSync(file)
  return stat.isCharacterDevice() && stat.rdev >> 8 !== memoryDevices
}

const idle = new Int32Array(new SharedArrayBuffer(4))

/** A pipe that another program made non-blocking is waited for. */
function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at)
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error
      Atomics.wait(idle, 0, 0, 10)
    }
  }
}

function lossOf(error: unknown): Loss {
  if (codeOf(error) === 'EPIPE') return { kind: 'gone' }
  return { kind: 'broken', why: error instanceof Error ? error.message : String(error) }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}
