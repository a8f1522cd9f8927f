/** How often a client may fail before it has to wait. Pure but for its memory, which is bounded. */

export interface AttemptLimits {
  /** Failures that are let pass at once. */
  readonly burst: number
  /** Failures that are forgiven in a minute. */
  readonly perMinute: number
  /** Clients that are remembered; of more, the one that failed longest ago is forgotten. */
  readonly maxClients: number
}

export interface Attempts {
  /** Seconds that this client has to wait; 0: it may try. `nowMs` is monotonic. */
  waitSeconds(client: string, nowMs: number): number
  fail(client: string, nowMs: number): void
}

interface Debt {
  readonly failures: number
  readonly atMs: number
}

const minuteMs = 60_000

export function attempts({ burst, perMinute, maxClients }: AttemptLimits): Attempts {
  const debts = new Map<string, Debt>()
  const failuresOf = (client: string, nowMs: number): number => {
    const debt = debts.get(client)
    if (debt === undefined) return 0
    return Math.max(0, debt.failures - ((nowMs - debt.atMs) * perMinute) / minuteMs)
  }
  return {
    waitSeconds(client, nowMs) {
      if (debts.size === 0) return 0
      const over = failuresOf(client, nowMs) + 1 - burst
      return over <= 0 ? 0 : Math.ceil((over * 60) / perMinute)
    },
    fail(client, nowMs) {
      const failures = Math.min(burst, failuresOf(client, nowMs) + 1)
      debts.delete(client)
      debts.set(client, { failures, atMs: nowMs })
      const [oldest] = debts.keys()
      if (debts.size > maxClients && oldest !== undefined) debts.delete(oldest)
    },
  }
}
