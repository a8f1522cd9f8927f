/** Reads the list of leap seconds from its file, at most once a minute: tzdata may be upgraded under us. */
import { readFile } from 'node:fs/promises'
import { fail } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { parseLeapList } from './leap-list.ts'
import type { LeapList } from './leap-list.ts'

const shareMs = 60_000

/** A function that gives the list, or a sentence why there is none. Never rejects. */
export function leapFileReader(path: string): () => Promise<Result<LeapList, string>> {
  let readAtMs = -Infinity
  let list: Promise<Result<LeapList, string>> | null = null
  return () => {
    if (list !== null && performance.now() - readAtMs < shareMs) return list
    readAtMs = performance.now()
    list = readFile(path, 'utf8').then(parseLeapList, () => fail(`${path} cannot be read`))
    return list
  }
}
