/** Where what each sweep saw is kept. Every store passes `sample-store.contract.ts`. */
import type { ClockSample } from '../core/clock/sample.ts'

/** Keeps a bounded number of samples of a bounded age: the oldest go first. */
export interface SampleStore {
  /** All or none. */
  append(samples: readonly ClockSample[]): Promise<void>
  /** The newest ones from `sinceUnixMs` on, oldest first. */
  history(server: string, sinceUnixMs: number, newest: number): Promise<readonly ClockSample[]>
  close(): Promise<void>
}
