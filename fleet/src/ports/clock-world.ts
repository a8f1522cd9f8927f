/** What a sweep needs of the world: somebody who asks servers, and a list of leap seconds. */
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { Standing } from '../core/clock/upstreams.ts'
import type { LeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'

/** One server to ask. */
export interface ClockTarget {
  /** Address or name. */
  readonly address: string
  readonly port: number
  /** How many requests, and how long between two of them: servers limit rates. */
  readonly samples: number
  readonly spacingMs: number
  /** With the fleet's symmetric key, where it has one. */
  readonly isSigned: boolean
  /** With the key of this device, where each has its own. */
  readonly device?: string
  /**
   * Under this name somebody else's server is remembered, so that it is asked seldom; `null`: a
   * device of the fleet.
   */
  readonly stranger: string | null
}

export interface ClockAnswer {
  /** The one that was asked; `null`: the name does not resolve. */
  readonly address: string | null
  /** All that its name stands for, the one that was asked among them. */
  readonly addresses: readonly string[]
  readonly swept: Swept
}

export interface ClockAnswers {
  /** In the order of the targets. */
  readonly answers: readonly ClockAnswer[]
  readonly startedUnixMs: number
  readonly tookSeconds: number
  readonly isStepped: boolean
}

/** What a sweep needs of the world. */
export interface ClockWorld {
  /** The clock of this machine. */
  nowUnixMs(): number
  sweepClocks(targets: readonly ClockTarget[], signal: AbortSignal): Promise<ClockAnswers>
  /** What sweeps of this program found out about upstreams; a sweep adds to it. */
  readonly standings: Map<string, Standing>
  /** The list of this machine, however old; `null` when there is none. */
  leapSeconds(): Promise<LeapSeconds | null>
}
