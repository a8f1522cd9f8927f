/** Which peers are read when a daemon lists more than a server should have. Pure. */
import { selections } from './status.ts'
import type { Selection } from './status.ts'

/** More than a server should have; a hostile answer could list thousands. */
const maxPeers = 64

/**
 * The 64 best, in the order of `listed`, and how many are left over. Those that the daemon selects
 * come first, wherever they stand.
 */
export function bestPeers<T>(
  listed: readonly T[],
  selectionOf: (each: T) => Selection,
): { readonly best: readonly T[]; readonly left: number } {
  if (listed.length <= maxPeers) return { best: listed, left: 0 }
  const rank = (each: T): number => selections.indexOf(selectionOf(each))
  const best = new Set(listed.toSorted((a, b) => rank(b) - rank(a)).slice(0, maxPeers))
  return { best: listed.filter((each) => best.has(each)), left: listed.length - maxPeers }
}
