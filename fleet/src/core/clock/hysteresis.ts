/** What is worth waking somebody for. A single sweep names what it sees; an alert waits for more. */
import type { ClockSample } from './sample.ts'

export interface Persistence {
  /** Sweeps that have to be bad, … */
  readonly bad: number
  /** … of so many of the newest. */
  readonly of: number
}

export const alertPersistence: Persistence = { bad: 3, of: 5 }

/** Oldest first. A sweep that decided nothing is neither bad nor good, and is passed over. */
export function isAlerting(
  samples: readonly ClockSample[],
  { bad, of }: Persistence = alertPersistence,
): boolean {
  const decided = samples.filter(({ verdict }) => verdict !== 'undecidable').slice(-of)
  return decided.filter(({ verdict }) => verdict !== 'truechimer').length >= bad
}
