/** What a controller knows at one moment: everything that it serves is made of this. */
import type { ClockRow } from '../clock/row.ts'
import type { FleetTime } from '../clock/server.ts'
import type { Device } from '../device/device.ts'
import type { QuorumNow } from '../rollout/planning/quorum-now.ts'
import type { Waiting } from './waiting.ts'
import type { DeviceState, RolloutState } from '../rollout/state.ts'
import type { ScheduleSeen } from '../schedules/seen.ts'

export interface ControllerView {
  readonly version: string
  /** As written in fleet.yaml. */
  readonly imageAsWritten: string
  readonly fleet: { readonly name: string; readonly devices: readonly Device[] }
  /** The fleet's files have mistakes since they were changed: `fleet` is what they said before. */
  readonly isFleetStale: boolean
  /** The newest sweep; `null` before the first. */
  readonly clocks: ClocksSeen | null
  /** The newest check of each device; a device that was not checked yet is missing. */
  readonly devices: ReadonlyMap<string, DeviceCheck>
  /** Unix time in ms at which each device got the key that counts; where that is not known, it is missing. */
  readonly keys: ReadonlyMap<string, number>
  readonly backups: BackupsSeen
  readonly rollouts: RolloutsSeen
  readonly schedules: readonly ScheduleSeen[]
}

/** Unix time in ms, by device and for `controller`; `0`: there is none, though others have one. */
export interface BackupsSeen {
  readonly good: ReadonlyMap<string, number>
  readonly drilled: ReadonlyMap<string, number>
}

export interface ClocksSeen {
  readonly startedUnixMs: number
  readonly tookSeconds: number
  readonly time: FleetTime
  readonly rows: readonly ClockRow[]
  /** Of each set of servers, as counted in this sweep. */
  readonly quorum: readonly QuorumNow[]
  /** Servers that give good time, devices or not. */
  readonly good: ReadonlySet<string>
}

/** One device, checked over the engine. `null` is "not known". */
export interface DeviceCheck {
  readonly device: string
  readonly isReachable: boolean
  /** Names of the resources that differ from the desired state. */
  readonly drift: readonly string[] | null
  /** Whether it runs another image than the one that the fleet wants. */
  readonly isOutdated: boolean | null
  /** What its container runs: the reference that the fleet wants, else the local image id. */
  readonly image: string | null
}

export interface RolloutsSeen {
  /** `null`: there was none. */
  readonly newest: RolloutSeen | null
  /** Releases that nothing applies again by itself; `null`: not known. */
  readonly blocked: number | null
  /** What waits for a person; `null`: not known. */
  readonly waiting: readonly Waiting[] | null
  /** Why the newest rollout does not move just now; `null`: it does, or it is over. */
  readonly still: string | null
}

/** What is told of a rollout. A `RolloutState` is one. */
export interface RolloutSeen extends Pick<RolloutState, 'status' | 'progressMs'> {
  readonly devices: ReadonlyMap<string, Pick<DeviceState, 'device' | 'phase' | 'downtimeSeconds'>>
}
