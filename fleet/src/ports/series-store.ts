/** Where the history of clocks is kept for whoever looks back (`core/clock/series.ts`). */
import type { ClockSample } from '../core/clock/sample.ts'
import type { ClockPoint, Span, Step } from '../core/clock/series.ts'

export interface PointQuery extends Span {
  readonly step: Step
  /** At most so many: the newest. */
  readonly newest: number
}

export interface SeriesStore {
  /** Of one sweep. All or none. */
  append(samples: readonly ClockSample[]): Promise<void>
  /** Oldest first. */
  points(server: string, query: PointQuery): Promise<readonly ClockPoint[]>
  close(): Promise<void>
}
