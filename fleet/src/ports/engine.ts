/**
 * How bundles reach devices. An engine carries one bundle to one device and brings its report back;
 * it knows nothing of plans. Every engine passes `engine.contract.ts`.
 */
import type { Failure } from '../core/failure.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'

/** Where a device is and how to log in there, as the inventory says it. */
export interface Target {
  /** Inventory name: used in messages and as the `HostKeyAlias`-free identity of the device. */
  readonly device: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** `null`: what ssh finds by itself (agent, ~/.ssh/config). */
  readonly privateKeyFile: string | null
  /** `ansible_ssh_common_args`, split into words. */
  readonly commonArgs: readonly string[]
}

export interface Delivery {
  /** The ustar bytes of docs/device-protocol.md. */
  readonly bundle: Uint8Array
  /** The nonce that the report must repeat. */
  readonly nonce: string
  readonly timeoutMs: number
  /** `fresh` never reuses a connection: a confirmation has to prove that a new one works. */
  readonly connection: 'reuse' | 'fresh'
  readonly signal: AbortSignal
  /** Called for each line of the report as it arrives. */
  readonly onLine: (line: ReportLine) => void
}

export interface Engine {
  readonly name: 'ssh' | 'memory'
  /** A device's own refusal (`status: failed`) is a report; not getting a report is a failure. */
  deliver(target: Target, delivery: Delivery): Promise<Result<DeviceReport, Failure>>
  /**
   * The engine is not used afterwards. `keep` leaves shared connections open for a while, which is
   * what makes the next command fast; `end` leaves nothing behind: for tests, demonstrations, and
   * whenever a host key or an operator's access was withdrawn.
   */
  close(connections: 'keep' | 'end'): Promise<void>
}
