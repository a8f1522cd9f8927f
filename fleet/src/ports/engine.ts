/**
 * How bundles reach devices. An engine carries a bundle to a device, or one to many, and brings
 * their reports back; it knows nothing of plans. Every engine passes `engine.contract.ts`.
 */
import type { Result } from '@timeball/lib/result.ts'
import type { Failure } from '../core/failure.ts'
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

/** What is carried, and how. */
export interface Shipment {
  /** The bytes of docs/device-protocol.md; opened anew for each device where they are many. */
  readonly bundle: Uint8Array | (() => AsyncIterable<Uint8Array>)
  /** The nonce that the report must repeat. */
  readonly nonce: string
  readonly timeoutMs: number
  /** `fresh` never reuses a connection: a confirmation has to prove that a new one works. */
  readonly connection: 'reuse' | 'fresh'
  readonly signal: AbortSignal
}

export interface Delivery extends Shipment {
  /** Called for each line of the report as it arrives, but for those of bytes. */
  readonly onLine: (line: ReportLine) => void
  /**
   * Content that the device sends with its report, such as a backup: in order, of any size in all,
   * each part awaited before more is read. Rejects to refuse more. Left out: none is expected.
   */
  readonly onBytes?: (part: Uint8Array) => Promise<void>
}

/** The same bundle for many devices. */
export interface Broadcast extends Shipment {
  /** Devices at once. */
  readonly parallel: number
  readonly onLine: (device: string, line: ReportLine) => void
  readonly onBytes?: (device: string, part: Uint8Array) => Promise<void>
}

export interface Delivered {
  readonly target: Target
  readonly result: Result<DeviceReport, Failure>
}

/** A service of this machine, as a device reaches it. */
export interface Lent {
  /** On the loopback of the device. */
  readonly port: number
  /** The device reaches it no more. */
  readonly end: () => Promise<void>
}

export interface Engine {
  /** As in `engine:` of fleet.yaml. */
  readonly name: string
  /** A device's own refusal (`status: failed`) is a report; not getting a report is a failure. */
  deliver(target: Target, delivery: Delivery): Promise<Result<DeviceReport, Failure>>
  /**
   * Each target once, as its answer comes; those whose turn never came before the signal are
   * `interrupted`. A device that is slow or dead holds up no other beyond its place.
   */
  deliverAll(targets: readonly Target[], broadcast: Broadcast): AsyncIterable<Delivered>
  /**
   * Lets a device reach a Unix socket of this machine at a port of its own loopback, over the
   * connection that a delivery with `reuse` takes; one loan of a socket at a time for a device. Fails with `image-failed` where forwarding is not
   * allowed.
   */
  lend(target: Target, socket: string, signal: AbortSignal): Promise<Result<Lent, Failure>>
  /**
   * The engine is not used afterwards. `keep` leaves shared connections open for a while, which is
   * what makes the next command fast; `end` leaves nothing behind: for tests, demonstrations, and
   * whenever a host key or an operator's access was withdrawn.
   */
  close(connections: 'keep' | 'end'): Promise<void>
}
