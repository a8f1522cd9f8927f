/** The words of clock truth: what goes into a judgement of servers, and what is said about each. */
import type { Interval } from '@timeball/clock/select/intersection.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { Role } from '../device/device.ts'

/** One server of a sweep. */
export interface ClockServer {
  readonly name: string
  /** A reference votes like a device, and is no part of the fleet. */
  readonly kind: 'device' | 'reference'
  /** `null` for a reference. */
  readonly role: Role | null
  /** As asked; `null` when its name does not resolve. */
  readonly address: string | null
  readonly port: number
  /** All that a configuration may call it: addresses, and the name by which it is asked. */
  readonly addresses: readonly string[]
  /** How its followers name it in their refid: one for each of its addresses. */
  readonly ownRefids: readonly string[]
  /** What it is configured to follow. */
  readonly upstreams: readonly Upstream[]
  /** Model of its receiver: servers with the same one can fail together. `null`: not known. */
  readonly receiver: string | null
  readonly swept: Swept
  /** The sweep before this one; `null` when there was none. */
  readonly previous: PreviousSample | null
}

export interface Upstream {
  /** Address or name. */
  readonly address: string
  /** How who follows it names it; `null`: it is a name, which may stand for any address. */
  readonly refid: string | null
  /**
   * The clock outside the fleet that is behind an address, by the same refid for all addresses of
   * it; `null`: nobody knows whether it is a server of the fleet.
   */
  readonly clock: string | null
}

/** What rules about change need of an earlier sweep. Seconds. */
export interface PreviousSample {
  /** How long ago. */
  readonly ageSeconds: number
  readonly stratum: number | null
  readonly rootDispersionSeconds: number | null
  readonly referenceAgeSeconds: number | null
}

/**
 * - `truechimer`: its interval of correctness holds the time that most independent votes share
 * - `falseticker`: it does not
 * - `unsynchronised`: it says itself that it has no time to give, or that it follows only its own
 *   clock
 * - `unreachable`: no answer
 * - `invalid`: what it sends cannot be used as time (contradictory, too far from any reference, or
 *   not from the address that was asked)
 * - `undecidable`: there are too few independent votes, or they are split, or nobody could ask it,
 *   or it is one of two that contradict each other while the others agree with both
 */
export const clockVerdicts = [
  'truechimer',
  'falseticker',
  'unsynchronised',
  'unreachable',
  'invalid',
  'undecidable',
] as const

export type ClockVerdict = (typeof clockVerdicts)[number]

/** The faults' names, in the order in which they are listed. */
export const clockFaults = [
  'falseticker',
  'week-rollover',
  'claims-sync',
  'offset',
  'unsynchronised',
  'kiss',
  'wrong-source',
  'no-answer',
  'invalid',
  'loop',
  'local-reference',
  'contradiction',
  'unproved-source',
  'same-daemon',
  'stratum-jump',
  'holdover',
  'leap-differs',
  'leap-announcement',
  'packet-loss',
] as const

export type ClockFaultName = (typeof clockFaults)[number]

/** `bad`: it must not be relied on; `warn`: it may be, and somebody should look. */
export interface ClockFault {
  readonly fault: ClockFaultName
  readonly level: 'bad' | 'warn'
  /** A short printable phrase without the server's name. */
  readonly text: string
}

/** What the sweep says about one server. Seconds everywhere; `null` is "not measured". */
export interface ClockJudgement {
  readonly server: ClockServer
  readonly verdict: ClockVerdict
  /** To the fleet's time where there is one, else to this machine's clock. */
  readonly offsetSeconds: number | null
  /** Bound on the error of `offsetSeconds`. */
  readonly errorSeconds: number | null
  /** Which vote it belongs to; `null` when it has none. */
  readonly group: string | null
  /** Worst first. */
  readonly faults: readonly ClockFault[]
}

/** On the scale of this machine's clock: how far the true time is ahead of it. */
export type FleetTime =
  | {
      readonly kind: 'decided'
      /** The interval of correctness: the true time is in it. */
      readonly low: number
      readonly high: number
      /** Where in it most votes meet; with more than one nobody knows which is right. */
      readonly places: readonly Interval[]
      /** An estimate within the interval, and the bound on its error. */
      readonly centre: number
      readonly centreError: number
      readonly votes: number
      readonly agreeing: number
    }
  | { readonly kind: 'undecidable'; readonly votes: number; readonly why: string }

export interface ClockReport {
  readonly time: FleetTime
  /** In the order of the servers. */
  readonly judgements: readonly ClockJudgement[]
}
