/** Waves of growing size. */
import { countOf } from '../parallel.ts'

/** Shares are of `total`, all devices that move; the last size repeats until all have a place. */
export function cutWaves<T>(
  devices: readonly T[],
  sizes: readonly (number | string)[],
  total: number,
): T[][] {
  const waves: T[][] = []
  for (let from = 0; from < devices.length;) {
    const size = Math.max(1, countOf(sizes[waves.length] ?? sizes.at(-1) ?? 1, total))
    waves.push(devices.slice(from, from + size))
    from += size
  }
  return waves
}
