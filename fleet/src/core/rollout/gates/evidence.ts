/** What one check of a changed device found, before anybody judges it. Plain data; made by the runner. */
import type { Result } from '@timeball/lib/result.ts'
import type { Failure } from '../../failure.ts'
import type { TimeServerHealth } from '../../health/time-server-health.ts'
import type { HttpFailure } from '../../health/verdict.ts'
import type { Observed } from '../../plan/observed.ts'
import type { ContractEvidence } from '../../service/contract.ts'
import type { ClockEvidence } from '../../service/evidence.ts'

export interface GateEvidence {
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
  /** Made by the change, so that all of its restarts came after it. */
  readonly isNewContainer: boolean
  /** Errors in its log before the change; `null`: not known. */
  readonly errorsPerMinuteBefore: number | null
  readonly http: Result<TimeServerHealth, HttpFailure>
  readonly contract: ContractEvidence
  /** Whether it was given keys, so that it has to refuse who has none. */
  readonly hasKeys: boolean
  /** Of the newest sweep. A failure is why there is none: ours, never the device's. */
  readonly clock: Result<ClockEvidence, string>
  readonly queries: readonly QueryEvidence[]
}

export interface QueryEvidence {
  readonly name: string
  /** Such as `result < 5`. */
  readonly success: string
  /** The value of each series; a failure is why Prometheus did not tell. */
  readonly values: Result<readonly number[], string>
}

/** What must be remembered from check to check. It may be lost: then it is counted anew. */
export interface GateMemory {
  /** Restarts of the container at the change or the first check, and at the newest; `null`: not seen yet. */
  readonly firstRestarts: number | null
  readonly restarts: number | null
  /** Restarts between the last two checks. */
  readonly newRestarts: number
  /** Consecutive checks with a container that has stopped or is gone. */
  readonly stopped: number
  /** Consecutive checks in which it called itself synchronised and was a falseticker. */
  readonly lying: number
  /** By name of the query: consecutive checks in which its condition did not hold. */
  readonly failedQueries: Readonly<Record<string, number>>
}
