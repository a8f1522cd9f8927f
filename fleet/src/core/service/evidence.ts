/** What is known of the time that one server gives, before anybody judges it. Plain data. */
import type { NtpFailure } from '@timeball/clock/ntp/measurement.ts'
import type { ClockFault, ClockVerdict } from '../clock/server.ts'

export interface TimeEvidence {
  /** What was measured from outside; `null`: nobody measured it. */
  readonly clock: ClockEvidence | null
  /** What the server says of itself; `null`: it was not asked, or does not answer. */
  readonly said: SelfReport | null
}

/** One server as the others see it. Seconds; `null` is "nobody to compare it with". */
export interface ClockEvidence {
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
   * while it is undecided whether this server is right.
   */
  readonly peers: number
  /** How many of them this one contradicts: their intervals of correctness share no point. */
  readonly contradicting: number
  /** Worst first. */
  readonly faults: readonly ClockFault[]
  /** Why it could not be measured; `null`: it was. */
  readonly failure: NtpFailure | null
}

/** What a server's own daemon says, as the server passes it on. `null`: it does not say. */
export interface SelfReport {
  readonly isSynced: boolean | null
  /** 3 is the alarm (RFC 5905 section 7.3). */
  readonly leap: number | null
  readonly stratum: number | null
  readonly refid: string | null
  /** The source that it follows. */
  readonly selected: { readonly address: string | null; readonly tally: string | null } | null
}
