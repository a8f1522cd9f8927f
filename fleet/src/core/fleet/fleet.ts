/** A fleet: the devices of one inventory, with the settings of one `fleet.yaml`. */
import type { Position } from '@timeball/inventory/value.ts'
import type { Device } from '../device/device.ts'
import type { Revoked } from '../device/revoked.ts'
import type { Settings } from '../settings/settings.ts'

export interface Fleet {
  readonly name: string
  readonly settings: Settings
  /** Without those that were revoked. */
  readonly devices: readonly Device[]
  /** They may be in the inventory or not. Nothing goes to them. */
  readonly revoked: readonly Revoked[]
  /** What the operator should know and need not change, such as two sources giving no majority. */
  readonly warnings: readonly Warning[]
}

export interface Warning {
  /** `null`: it is about the fleet. */
  readonly device: string | null
  readonly text: string
}

/** What the inventory has run on this machine when a device is reached. */
export interface LocalProgram {
  readonly device: string
  /** `ssh runs ProxyCommand=…`. */
  readonly what: string
  readonly at: Position
}

/** A file of `ssh -F` that a device is reached with. */
export interface SshConfigUse {
  readonly device: string
  readonly path: string
  readonly at: Position
}
