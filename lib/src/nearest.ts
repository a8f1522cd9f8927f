/**
 * The candidate that `word` was probably meant to be, or `null` when none is near. Near is an edit
 * distance (insert, delete, replace, swap of neighbours) of at most a third of the word, at least 1.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  return nearestFew(word, candidates, 1)[0] ?? null
}

/** The candidate within an edit distance of `most`, or `null`; case counts. */
export function nearestWithin(
  word: string,
  candidates: Iterable<string>,
  most: number,
): string | null {
  let found: string | null = null
  let least = most + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least || word.length > longest) continue
    const distance = editDistance(word, candidate)
    if (distance < least) [found, least] = [candidate, distance]
  }
  return found
}

/** Like `nearest`, but up to `count` candidates, the nearest first. */
export function nearestFew(word: string, candidates: Iterable<string>, count: number): string[] {
  const wanted = word.slice(0, longest).toLowerCase()
  const limit = Math.max(1, Math.floor(wanted.length / 3))
  const found: { candidate: string; distance: number }[] = []
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance <= limit) found.push({ candidate, distance })
  }
  found.sort((a, b) => a.distance - b.distance)
  return found.slice(0, count).map(({ candidate }) => candidate)
}

/** Names are short; this bounds the work on a hostile word. */
const longest = 64

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? at(beforeLast, j - 2) + 1 : replaced
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, swapped))
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0
}
