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

/** `others`: stats as bytes of a file, of the same files and maybe of more that follow. */
export function areSame(some: Stats, others: Uint8Array): boolean {
  return Buffer.from(some.buffer).equals(others.subarray(0, some.byteLength))
}

/** Whether what is read of the files at `sinceUnixMs` or later is what they still are. */
export function areQuiet(stats: Stats, sinceUnixMs: number): boolean {
  return stats.every((value, at) => at % 4 < 2 || value < sinceUnixMs - quietMs)
}
