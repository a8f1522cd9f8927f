/** The words of a sweep: whom to ask and how, and what came of it. */
import type { Result } from '@timeball/lib/result.ts'
import type { NtpFailure, NtpMeasurement } from '../ntp/measurement.ts'
import type { Leap } from '../ntp/packet.ts'
import type { SymmetricKey } from './message-code.ts'

export interface SweepTarget {
  /** IPv4 or IPv6 address; names are resolved by the caller. */
  readonly address: string
  readonly port: number
  /** Requests wanted, at least 1. */
  readonly samples: number
  /** Between two requests to this server, so that its rate limit is not met. */
  readonly spacingMs: number
  /** Signs requests, and replies must be signed with it; `null` is without. */
  readonly key: SymmetricKey | null
}

export interface SweepOptions {
  /** For each request. */
  readonly timeoutMs: number
  /** Over all servers together, so that the sweep does not disturb its own timestamps. */
  readonly sendsPerSecond: number
  readonly signal: AbortSignal
}

/** What a server said that had no time to give. */
export interface Unsynchronised {
  readonly leap: Leap
  readonly stratum: number
  readonly refid: string
}

/** What was found out about one server. */
export interface Swept {
  readonly result: Result<NtpMeasurement, NtpFailure>
  /** Requests that left. */
  readonly sent: number
  /** Answers of any kind from the address that was asked; at most `sent`. */
  readonly answered: number
  /**
   * Requests without an answer before the last one that got one. Silence after it may as well be a
   * rate limit.
   */
  readonly lost: number
  /** The code of a kiss-o'-death (`RATE`, `DENY`, …), also when samples came before it. */
  readonly kiss: string | null
  /** Another address and port that answered our request in the server's place. */
  readonly stranger: string | null
  /** `null` unless the last answer said so. */
  readonly unsynchronised: Unsynchronised | null
  /**
   * When the chosen sample was heard, since the sweep began; negative: in an earlier one. 0 without
   * one.
   */
  readonly heardSeconds: number
}

export interface Sweep {
  /** In the order of the targets. */
  readonly servers: readonly Swept[]
  /** Unix time by this machine's clock. */
  readonly startedUnixMs: number
  readonly tookSeconds: number
  /** This machine's clock was set meanwhile; the offsets still belong to one scale. */
  readonly isStepped: boolean
}
