/** Statistics that a few wild values do not move. */

/** `null` without values. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  const high = sorted[Math.floor(sorted.length / 2)]
  const low = sorted[Math.floor((sorted.length - 1) / 2)]
  return high === undefined || low === undefined ? null : low + (high - low) / 2
}

/** Median of the distances from `centre`; `null` without values. */
export function deviationOf(values: readonly number[], centre: number): number | null {
  return medianOf(values.map((value) => Math.abs(value - centre)))
}
