/**
 * What one command runs, kept in one file between two runs: the texts of its chunks as one script,
 * since V8 and the file system take longer for forty small ones, and the code that V8 made of it.
 * Nothing depends on it: V8 refuses code of another version, and what is missing is compiled.
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
import { Script } from 'node:vm'

export interface CodeCache {
  /** The chunks that the command has used. */
  readonly chunks: { readonly size: number; has(chunk: string): boolean }
  /** What the text of a chunk evaluates to; `undefined`: it is not kept. */
  find(chunk: string): unknown
  /** A chunk that was not kept is worth it. */
  want(chunk: string, text: string): void
  /**
   * Keeps what is wanted for the next run. It is compiled there, and the run after it has the code of
   * all functions that ran.
   */
  keep(): void
}

interface Kept {
  readonly chunks: readonly string[]
  /** An array, as the text of a script: of what each chunk evaluates to. */
  readonly text: string
  readonly code: Uint8Array
}

const nothing: Kept = { chunks: [], text: '', code: new Uint8Array() }

/** Nobody but the user may write at `path`: what is found there is run. `null`: nothing is kept. */
export function openCodeCache(path: string | null): CodeCache {
  const kept = path === null ? nothing : read(path)
  const places = new Map(kept.chunks.map((chunk, place) => [chunk, place]))
  const wanted = new Map<string, string>()
  let script: Script | null = null
  let values: unknown
  return {
    chunks: places,
    find(chunk) {
      const place = places.get(chunk)
      if (place === undefined || path === null) return undefined
      if (script === null) {
        script = compile(path, kept)
        values = script.runInThisContext()
      }
      return Array.isArray(values) ? values[place] : undefined
    },
    want(chunk, text) {
      wanted.set(chunk, text)
    },
    keep() {
      if (path === null) return
      if (wanted.size > 0) {
        const texts = [...(kept.text === '' ? [] : [kept.text.slice(1, -1)]), ...wanted.values()]
        const text = `[${texts.join(',\n')}]`
        write(path, { chunks: [...kept.chunks, ...wanted.keys()], text, code: nothing.code })
      } else if (
        script !== null &&
        (kept.code.length === 0 || script.cachedDataRejected === true)
      ) {
        write(path, { ...kept, code: script.createCachedData() })
      }
    },
  }
}

/** Where it throws, line and column are those of the file at `path`. */
function compile(path: string, { text, code }: Kept): Script {
  const options = { filename: path, lineOffset: 1 }
  return new Script(text, code.length === 0 ? options : { ...options, cachedData: code })
}

/** V8 reads code where words begin, and copies it when it has to. */
const wordBytes = 8

/**
 * The first line names the chunks, the length of the text, which is in ASCII, and that of the code. A
 * file that was cut off is none: V8 does not check every byte.
 */
function read(path: string): Kept {
  const file = readIfThere(path)
  const [, names = '', textLength, codeLength] =
    /^(\S.*) (\d+) (\d+) *$/.exec(file.toString('latin1', 0, file.indexOf('\n'))) ?? []
  const begin = file.indexOf('\n') + 1
  const end = begin + Number(textLength)
  if (end + Number(codeLength) !== file.length) return nothing
  return {
    chunks: names.split(' '),
    text: file.toString('latin1', begin, end),
    code: file.subarray(end),
  }
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

/** Whole or not at all, also when the power fails. */
function write(path: string, { chunks, text, code }: Kept): void {
  const first = `${chunks.join(' ')} ${text.length} ${code.length}`
  const bytes = first.length + 1 + text.length
  const padded = first.padEnd(first.length + (wordBytes - (bytes % wordBytes)))
  const draft = `${path}.${process.pid}`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeSafely(draft, Buffer.concat([Buffer.from(`${padded}\n${text}`, 'latin1'), code]))
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
