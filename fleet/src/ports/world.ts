/** What a use case sees of the world beside its engine and its stores. It passes `world.contract.ts`. */
import type { NtpFailure, NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Failure } from '../core/failure.ts'
import type { Device } from '../core/device/device.ts'
import type { TimeServerHealth } from '../core/health/time-server-health.ts'
import type { HttpFailure } from '../core/health/verdict.ts'
import type { Secret } from '../core/secrets/secret.ts'
import type { ContractEvidence } from '../core/service/contract.ts'
import type { ClockWorld } from './clock-world.ts'

export interface World extends ClockWorld {
  /** `name:tag` -> `name@sha256:…`. */
  resolveImage(
    ref: string,
    plainHttp: boolean,
    signal: AbortSignal,
  ): Promise<Result<string, Failure>>
  probeHttp(device: Device, signal: AbortSignal): Promise<Result<TimeServerHealth, HttpFailure>>
  /** Its metrics and its refusal, beside its health. */
  probeContract(device: Device, signal: AbortSignal): Promise<ContractEvidence>
  /** Whether the time server takes the key. */
  probeKey(
    device: Device,
    key: Secret,
    signal: AbortSignal,
  ): Promise<Result<'accepted' | 'refused', HttpFailure>>
  /** Leave a second for each sample between two measurements of one device: servers limit rates. */
  probeNtp(
    device: Device,
    samples: number,
    signal: AbortSignal,
  ): Promise<Result<NtpMeasurement, NtpFailure>>
  /** The value of each series; the failure is why Prometheus did not tell. */
  queryPrometheus(
    url: string,
    query: string,
    options: { readonly device: string; readonly signal: AbortSignal },
  ): Promise<Result<readonly number[], string>>
  /** In Alertmanager; failures are phrases. */
  readonly silence: {
    begin(alertmanager: string, silence: AlertSilence): Promise<Result<string, string>>
    end(alertmanager: string, id: string): Promise<Result<null, string>>
  }
  /** 32 random hex digits. */
  newNonce(): string
  /** Monotonic. */
  nowMs(): number
  /** Ends early, without an error, when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Alerts that have all of these labels are not told for so long. */
export interface AlertSilence {
  readonly labels: Readonly<Record<string, string>>
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  readonly createdBy: string
  readonly comment: string
}
