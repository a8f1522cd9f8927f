/** The words of a health verdict: what goes in, and what is said about one device. */
import type { NtpFailure, NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Failure } from '../failure.ts'
import type { Role } from '../device/device.ts'
import type { Observed, ObservedContainer } from '../plan/observed.ts'
import type { ContractInput } from '../service/contract.ts'
import type { ClockEvidence } from '../service/evidence.ts'
import type { TimeVerdict } from '../service/good-time.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { TimeServerHealth } from './time-server-health.ts'

/** `ok` needs evidence: what could not be seen is `unknown`, never `ok`. */
export type HealthLevel = 'ok' | 'degraded' | 'down' | 'unknown'

/** The limits that separate `ok` from `degraded`. */
export interface HealthThresholds {
  /** This much or more of a disk in use is degraded. */
  readonly diskPercent: number
  /** A clock further off than this is degraded, by its own word or as measured from outside. */
  readonly maxOffsetMs: number
  /** An error bound against UTC above this is degraded. */
  readonly maxRootDistanceMs: number
  /** The highest stratum that a relay may show without being degraded. */
  readonly maxRelayStratum: number
  /** More lost polls than this, of the last eight, are degraded. */
  readonly maxLostPolls: number
  /** Whether the server is meant to steer its device's clock (`clock.discipline`). */
  readonly isDisciplineWanted: boolean
}

export const defaultThresholds: HealthThresholds = {
  diskPercent: 80,
  maxOffsetMs: 100,
  maxRootDistanceMs: 500,
  maxRelayStratum: 4,
  maxLostPolls: 2,
  isDisciplineWanted: true,
}

export type HttpFailureCode =
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'too-large'
  | 'not-json'
  | 'http-status'
  | 'aborted'

/** `detail` is printable. */
export interface HttpFailure {
  readonly code: HttpFailureCode
  readonly detail: string
}

/** Everything that is known about one device at one moment. */
export interface HealthInput {
  readonly device: string
  readonly role: Role
  /** The server's own word. */
  readonly http: Result<TimeServerHealth, HttpFailure>
  /** `null`: nobody asked. */
  readonly contract: Pick<ContractInput, 'contract' | 'hasKeys'> | null
  /** As measured from outside, against this machine's clock. */
  readonly ntp: Result<NtpMeasurement, NtpFailure>
  /** The same measurement among those of the whole fleet. */
  readonly clock: ClockEvidence
  readonly observed: Result<Observed, Failure>
  /** Names of the resources that differ from the desired state; `null` when nobody looked. */
  readonly drift: readonly string[] | null
  /** `wanted: null`: no release is asked for. `running: null`: it is not known. */
  readonly release: { readonly wanted: string | null; readonly running: string | null }
  readonly thresholds: HealthThresholds
}

/** What the rules look at: what is known, and what the rule for good time makes of it. */
export interface JudgedInput extends HealthInput {
  readonly time: TimeVerdict
}

/** The rules' names, in the order in which reasons are listed. */
export const healthChecks = [
  'ntp-answer',
  'ntp-reference',
  'ntp-distance',
  'clock',
  'ntp-offset',
  'ntp-sync',
  'ntp-reach',
  'stratum',
  'discipline',
  'http',
  'contract',
  'container',
  'disk',
  'generation',
  'release',
  'drift',
] as const

export type HealthCheck = (typeof healthChecks)[number]

/** What one rule found. `text` is a short printable phrase without the device's name. */
export interface HealthReason {
  readonly check: HealthCheck
  readonly level: HealthLevel
  readonly text: string
}

/** One device's health. `null` in a column is "not known". */
export interface HealthVerdict {
  readonly device: string
  readonly role: Role
  readonly verdict: HealthLevel
  /** What is not `ok`, worst first; empty exactly when the verdict is `ok`. */
  readonly reasons: readonly HealthReason[]
  readonly httpStatus: number | null
  readonly ntp: {
    /** By the rules, not by the server's word. */
    readonly isSynced: boolean | null
    readonly stratum: number | null
    readonly refid: string | null
    /** As the server says, to its own reference. */
    readonly offsetMs: number | null
    readonly leap: number | null
    /** The last eight polls of the selected peer as bits. */
    readonly reach: number | null
  }
  /** Server's clock against this machine's; `null` when it could not be measured. */
  readonly measured: { readonly offsetSeconds: number; readonly errorSeconds: number } | null
  readonly diskUsedPercent: number | null
  readonly container: ObservedContainer['state'] | null
  readonly generation: number | null
  readonly drift: readonly string[] | null
}
