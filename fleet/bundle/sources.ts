/**
 * Which files a bundle was made of, and whether they are still the same. What git's index asks for is
 * asked for here: size, inode and both times, of which no program can set the second.
 */
import { statSync } from 'node:fs'

/**
 * Clocks of file systems tick, FAT's every two seconds: a file that changed within this time could
 * change once more and look the same.
 */
const quietMs = 2_000

/** Four numbers for each file, in the order of the files: they are compared, and never shown. */
export type Stats = Float64Array

/** `paths` are relative to `root`. `null`: one of them is missing. */
export function statsOf(root: string, paths: readonly string[]): Stats | null {
  const stats = new Float64Array(paths.length * 4)
  let at = 0
  for (const path of paths) {
    // This is the first loop of every start: joining paths would cost more than asking for them.
    const stat = statSync(`${root}/${path}`, { throwIfNoEntry: false })
    if (stat === undefined) return null
    stats[at] = stat.size
    stats[at + 1] = stat.ino
    stats[at + 2] = stat.mtimeMs
    stats[at + 3] = stat.ctimeMs
    at += 4
  }
  return stats
}

/** `others`: stats as bytes of a file. */
function areSame(some: Stats, others: Uint8Array): boolean {
  return Buffer.from(some.buffer).equals(others)
}

export interface SourcesCheck {
  readonly root: string
  /** Of each chunk, its name and the paths of its sources, with tabs between them. */
  readonly lines: readonly string[]
  /** The stats of all sources when the bundle was made, in the order of the lines. */
  readonly recorded: Uint8Array
  /** The chunks whose sources are asked for; `null`: all. */
  readonly wanted: { has(chunk: string): boolean } | null
}

/** `edited`: so shortly before that they could change again unseen. */
export function checkSources(check: SourcesCheck): 'same' | 'changed' | 'edited' {
  const nowUnixMs = Date.now()
  let at = 0
  let state: 'same' | 'changed' = 'same'
  for (const line of check.lines) {
    const [chunk = '', ...paths] = line.split('\t')
    const begin = at
    at += paths.length * 4 * Float64Array.BYTES_PER_ELEMENT
    if (check.wanted?.has(chunk) === false) continue
    const now = statsOf(check.root, paths)
    if (now !== null && areSame(now, check.recorded.subarray(begin, at))) continue
    if (now !== null && !areQuiet(now, nowUnixMs)) return 'edited'
    state = 'changed'
  }
  return state
}

/** Whether what is read of the files at `sinceUnixMs` or later is what they still are. */
export function areQuiet(stats: Stats, sinceUnixMs: number): boolean {
  return stats.every((value, at) => at % 4 < 2 || value < sinceUnixMs - quietMs)
}
