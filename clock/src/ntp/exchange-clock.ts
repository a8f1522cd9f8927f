/** The clock that both of our timestamps of an exchange are read from. */

export interface ExchangeClock {
  readonly nowUnixNs: () => bigint
  readonly isStepped: () => boolean
}

/** A step is told from scheduling noise by this much; two reads of the clocks take far less. */
const stepNs = 2_000_000n

/**
 * Wall time that advances with the monotonic clock, so that both timestamps of an exchange belong
 * to one time scale even when somebody sets the clock in between.
 */
export function startClock(): ExchangeClock {
  const startAheadNs = wallAheadNs()
  const isStepped = (): boolean => {
    const movedNs = wallAheadNs() - startAheadNs
    return movedNs > stepNs || movedNs < -stepNs
  }
  return { nowUnixNs: () => startAheadNs + process.hrtime.bigint(), isStepped }
}

/** Two reads that are this close together belong to one instant, as far as we are concerned. */
const closeNs = 20_000n
const maxTries = 8

/**
 * The wall clock minus the monotonic clock. Reading both takes two calls, between which the process
 * can lose the processor, so the closest of a few pairs counts. `Temporal` has nanoseconds where
 * `Date.now()` is cut to milliseconds.
 */
export function wallAheadNs(): bigint {
  let best = readClocks()
  for (let tries = 1; tries < maxTries && best.gapNs > closeNs; tries += 1) {
    const next = readClocks()
    if (next.gapNs < best.gapNs) best = next
  }
  return best.aheadNs
}

function readClocks(): { readonly aheadNs: bigint; readonly gapNs: bigint } {
  const beforeNs = process.hrtime.bigint()
  const wallNs = Temporal.Now.instant().epochNanoseconds
  const gapNs = process.hrtime.bigint() - beforeNs
  return { aheadNs: wallNs - beforeNs - gapNs / 2n, gapNs }
}
