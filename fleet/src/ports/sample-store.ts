/** Where what each sweep saw is kept. Every store passes `sample-store.contract.ts`. */
import type { ClockSample } from '../core/clock/sample.ts'

/** Keeps a bounded number of samples of a bounded age: the oldest go first. */
export interface SampleStore {
  append(samples: readonly ClockSample[]): void
  /** The newest ones from `sinceUnixMs` on, oldest first. */
  history(server: string, sinceUnixMs: number, newest: number): readonly ClockSample[]
  close(): void
}
