/** What one look at a changed device saw, before anybody judges it. Plain data; made by the runner. */
import type { ClockFault, ClockVerdict } from '../../clock/server.ts'
import type { Failure } from '../../failure.ts'
import type { TimeServerHealth } from '../../health/time-server-health.ts'
import type { HttpFailure } from '../../health/verdict.ts'
import type { Observed } from '../../plan/observed.ts'
import type { Result } from '@timeball/lib/result.ts'

export interface GateLook {
  readonly hasGps: boolean
  readonly hasPps: boolean
  /** Name of the container that serves time. */
  readonly container: string
  /** Reference of the image that should run, as it was looked for; `null`: any will do. */
  readonly image: string | null
  /** The generation that the device should be in; `null`: any will do. */
  readonly generation: number | null
  /** With the container, the image, and the container's log since the change. */
  readonly observed: Result<Observed, Failure>
  readonly http: Result<TimeServerHealth, HttpFailure>
  /** Of the newest sweep. A failure is why there is none: ours, never the device's. */
  readonly clock: Result<ClockLook, string>
  readonly queries: readonly QueryLook[]
}

/** One server as the others see it. Seconds; `null` is "nobody to compare it with". */
export interface ClockLook {
  readonly verdict: ClockVerdict
  /** Against the fleet's time, or while that is undecided, against the unchanged servers. */
  readonly offsetSeconds: number | null
  /** Bound on the error of `offsetSeconds`. */
  readonly errorSeconds: number | null
  /** 1 to 15; `null`: it gave no time. */
  readonly stratum: number | null
  /** Independent votes of the sweep. */
  readonly votes: number
  /**
   * Servers that gave a time which comes neither from this one nor from a changed one; only counted
   * while the fleet's time is undecided.
   */
  readonly peers: number
  /** How many of them this one contradicts: their intervals of correctness share no point. */
  readonly contradicting: number
  readonly faults: readonly ClockFault[]
  /** Why it was not asked, which is no fault of its own; `null`: it was. */
  readonly notAsked: string | null
}

export interface QueryLook {
  readonly name: string
  /** Such as `result < 5`. */
  readonly success: string
  /** The value of each series; a failure is why Prometheus did not tell. */
  readonly values: Result<readonly number[], string>
}

/** What must be remembered from look to look. It may be lost: then it is counted anew. */
export interface GateMemory {
  /** Restarts of the container at the first look, and at the newest; `null`: not seen yet. */
  readonly firstRestarts: number | null
  readonly restarts: number | null
  /** Restarts between the last two looks. */
  readonly newRestarts: number
  /** Looks in a row with a container that has stopped or is gone. */
  readonly stopped: number
  /** Looks in a row in which it called itself synchronised and was a falseticker. */
  readonly lying: number
  /** By name of the query: looks in a row in which its condition did not hold. */
  readonly failedQueries: Readonly<Record<string, number>>
}
