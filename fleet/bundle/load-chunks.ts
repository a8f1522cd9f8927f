/**
 * Loads the chunks of a bundle with the code that V8 made of them in an earlier run. Node's own
 * compile cache keeps only what is compiled before a module runs, which is the smaller part.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import type { CodeCache } from './code-cache.ts'

interface Chunk {
  exports: unknown
}

const entry = 'program.cjs'

/**
 * Runs the program of `folder`, and the chunks that it requires: they are the result, as it grows.
 * `onNewChunk` is called before the first one whose code is not in the cache.
 */
export function runChunks(
  folder: string,
  cache: CodeCache,
  onNewChunk: () => void,
): ReadonlyMap<string, unknown> {
  const chunks = new Map<string, Chunk>()
  let isAsBefore = true
  const load = (file: string): unknown => {
    const known = chunks.get(file)
    if (known !== undefined) return known.exports
    if (isAsBefore && !cache.chunks.has(file)) {
      isAsBefore = false
      onNewChunk()
    }
    const chunk: Chunk = { exports: {} }
    chunks.set(file, chunk)
    // Joining paths would cost more here than reading the files.
    const path = `${folder}/${file}`
    const body = cache.find(file) ?? compile(path, file, cache)
    if (typeof body !== 'function') throw new TypeError(`${path} is no chunk`)
    Reflect.apply(body, undefined, [chunk.exports, requireChunk, chunk, path, folder])
    return chunk.exports
  }
  const requireChunk = (name: string): unknown => {
    if (name.startsWith('./')) return load(name.slice('./'.length))
    const own: unknown = name.startsWith('node:')
      ? partOfNode(name)
      : process.getBuiltinModule(name)
    if (own !== undefined) return own
    // Few need more than Node itself, and this takes a while.
    const { createRequire } = process.getBuiltinModule('node:module')
    return createRequire(join(folder, entry))(name)
  }
  load(entry)
  return chunks
}

/**
 * A part of Node, which Node makes ready when something of it is first asked for: its crypto alone
 * takes a fifth of Node's own start, and most commands name it without a use for it.
 */
function partOfNode(name: string): object {
  let found: object | undefined
  const part = (): object => {
    found ??= process.getBuiltinModule(name)
    if (found === undefined) throw new TypeError(`this Node has no ${name}`)
    return found
  }
  return new Proxy(
    {},
    {
      get: (_, key): unknown => Reflect.get(part(), key),
      ownKeys: () => Reflect.ownKeys(part()),
      getOwnPropertyDescriptor(_, key) {
        const descriptor = Reflect.getOwnPropertyDescriptor(part(), key)
        if (descriptor !== undefined) descriptor.configurable = true
        return descriptor
      },
    },
  )
}

function compile(path: string, file: string, cache: CodeCache): unknown {
  const text = readFileSync(path, 'latin1')
  cache.want(file, text)
  return new Script(text, { filename: path }).runInThisContext()
}
