/** Counts what was refused, by why: labels are from a fixed list. */
import type { Metric } from '@timeball/lib/exposition.ts'

/**
 * `key`: without a right key (401). `failures`: too many of these from one client (429). `rate`: too
 * many requests with one key (429). `origin`: a web page (403). `busy`: too many requests to `/mcp` at
 * once (503). `connections`: a connection that was refused, or closed to make room.
 */
export const refusalReasons = ['key', 'failures', 'rate', 'origin', 'busy', 'connections'] as const

export type RefusalReason = (typeof refusalReasons)[number]

export interface Refusals {
  count(reason: RefusalReason): void
  metric(): Metric
}

/** Starts from zero, and tells the zeros: what appears late looks like no increase. */
export function refusalCounts(): Refusals {
  const counts = new Map<RefusalReason, number>(refusalReasons.map((reason) => [reason, 0]))
  return {
    count: (reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1),
    metric: () => ({
      name: 'http_refused_total',
      help: 'What was refused',
      type: 'counter',
      samples: [...counts].map(([reason, value]) => ({ labels: { reason }, value })),
    }),
  }
}
