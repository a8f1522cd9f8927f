/**
 * V8's code of the chunks that one command uses, kept in one file between two runs. Nothing depends
 * on it: V8 refuses what another version of it has made, and what is missing is compiled.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Script } from 'node:vm'

export interface CodeCache {
  /** The chunks that the command has used. */
  readonly chunks: { readonly size: number; has(chunk: string): boolean }
  /** The code of a chunk; `null`: there is none. */
  find(chunk: string): Uint8Array | null
  /** The code of this chunk is worth keeping, as soon as it has run. */
  want(chunk: string, script: Script): void
  /** Keeps what is wanted, with all functions that have run by now. */
  keep(): void
}

/** Nobody but the user may write at `path`: what is found there is run. `null`: nothing is kept. */
export function openCodeCache(path: string | null): CodeCache {
  const found = path === null ? new Map<string, Uint8Array>() : read(path)
  const wanted = new Map<string, Script>()
  return {
    chunks: found,
    find: (chunk) => found.get(chunk) ?? null,
    want(chunk, script) {
      wanted.set(chunk, script)
    },
    keep() {
      if (path === null || wanted.size === 0) return
      const made = [...wanted].map(([chunk, script]) => [chunk, script.createCachedData()] as const)
      write(path, new Map([...found, ...made]))
    },
  }
}

/** V8 reads code where words begin, and copies it when it has to. */
const wordBytes = 8

function padded(bytes: number): number {
  return Math.ceil(bytes / wordBytes) * wordBytes
}

function pad(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes], padded(bytes.length))
}

/** The first line names the chunks and the lengths of their code, which follows in the same order. */
function read(path: string): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  const file = readIfThere(path)
  const first = file.toString('latin1', 0, file.indexOf('\n'))
  let at = padded(first.length + 1)
  for (const [, chunk = '', length = ''] of first.matchAll(/(\S+)=(\d+)/g)) {
    const end = at + Number(length)
    if (end <= file.length) found.set(chunk, file.subarray(at, end))
    at = padded(end)
  }
  return found
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

/** Whole or not at all, also when the power fails: V8 does not check every byte. */
function write(path: string, codes: ReadonlyMap<string, Uint8Array>): void {
  const draft = `${path}.${process.pid}`
  const first = [...codes].map(([chunk, code]) => `${chunk}=${code.length}`).join(' ')
  const parts = [Buffer.from(`${first}\n`), ...codes.values()].map(pad)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeSafely(draft, Buffer.concat(parts))
    renameSync(draft, path)
  } catch {
    // A folder that cannot be written, or a full disk: the next run compiles again.
  }
}

function writeSafely(path: string, bytes: Buffer): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(file, bytes)
    fsyncSync(file)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
}
