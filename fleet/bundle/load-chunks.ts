/**
 * Loads the chunks of a bundle with the code that V8 made of them in an earlier run. Node's own
 * compile cache keeps only what is compiled before a module runs, which is the smaller part.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Script } from 'node:vm'
import type { CodeCache } from './code-cache.ts'

interface Chunk {
  exports: unknown
}

/** Runs the chunk `entry` of `folder`, and those that it requires: they are the result, as it grows. */
export function runChunks(
  folder: string,
  entry: string,
  cache: CodeCache,
): ReadonlyMap<string, unknown> {
  const chunks = new Map<string, Chunk>()
  const load = (file: string): unknown => {
    const known = chunks.get(file)
    if (known !== undefined) return known.exports
    const chunk: Chunk = { exports: {} }
    chunks.set(file, chunk)
    const path = join(folder, file)
    const body: unknown = compile(path, file, cache).runInThisContext()
    if (typeof body !== 'function') throw new TypeError(`${path} is no chunk`)
    Reflect.apply(body, undefined, [chunk.exports, requireChunk, chunk, path, folder])
    return chunk.exports
  }
  const requireChunk = (name: string): unknown => {
    if (name.startsWith('./')) return load(basename(name))
    const own: unknown = process.getBuiltinModule(name)
    if (own !== undefined) return own
    // Few need more than Node itself, and this takes a while.
    const { createRequire } = process.getBuiltinModule('node:module')
    return createRequire(join(folder, entry))(name)
  }
  load(entry)
  return chunks
}

/** The wrapper is that of CommonJS, on a line of its own: line numbers are those of the file. */
function compile(path: string, file: string, cache: CodeCache): Script {
  const source = readFileSync(path, 'utf8')
  const wrapped = `(function (exports, require, module, __filename, __dirname) {\n${source}\n})`
  const cachedData = cache.find(file)
  const script = new Script(wrapped, {
    filename: path,
    lineOffset: -1,
    ...(cachedData === null ? {} : { cachedData }),
  })
  if (cachedData === null || script.cachedDataRejected === true) cache.want(file, script)
  return script
}
