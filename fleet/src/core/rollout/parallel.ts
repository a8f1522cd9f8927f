/** Counts and shares of devices. */

/** `10` is 10; `25%` of 7 is 1: percent rounds down, and is at least one. */
export function countOf(limit: number | string, total: number): number {
  if (typeof limit === 'number') return limit
  const percent = Number(limit.slice(0, -1))
  return Math.max(1, Math.floor((total * percent) / 100))
}
