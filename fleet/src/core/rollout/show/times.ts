/** Instants of a rollout, as people read them. */

/** `2026-11-23 22:14:05Z` */
export function formatInstant(unixMs: number): string {
  const text = Temporal.Instant.fromEpochMilliseconds(unixMs).toString({ smallestUnit: 'second' })
  return text.replace('T', ' ')
}
