/** Backups of many devices, side by side; one that fails stops no other. */
import { mapBounded } from '@timeball/lib/pool.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { Result } from '@timeball/lib/result.ts'
import { fetchDevice, type Fetched, type Fetching } from './fetch-device.ts'

export interface BackedUp {
  readonly device: string
  readonly result: Result<Fetched, Failure>
}

export interface FleetBackup extends Omit<Fetching, 'wish' | 'takenAtUnixMs'> {
  readonly identity: boolean
  /** Devices at once. */
  readonly parallel: number
  /** No further device is begun. */
  readonly stop: AbortSignal
  /** Of a device's last backup; absent: it has none. */
  readonly lastUnixMs: ReadonlyMap<string, number>
  readonly nowUnixMs: () => number
}

/** Of the log of a device that has no backup yet. */
const firstLogMs = 24 * 3_600_000

/** Each as it is done; at the end those whose turn never came, as `interrupted`. */
export async function* backUpFleet(
  devices: readonly Device[],
  backup: FleetBackup,
): AsyncGenerator<BackedUp, void, void> {
  const left = new Set(devices)
  const pool = { limit: backup.parallel, signal: backup.stop }
  const work = (device: Device): Promise<Result<Fetched, Failure>> => {
    const takenAtUnixMs = backup.nowUnixMs()
    const last = backup.lastUnixMs.get(device.name)
    const logMs = last === undefined ? firstLogMs : Math.max(60_000, takenAtUnixMs - last)
    const wish = { identity: backup.identity, gps: device.gps, logSeconds: logMs / 1000 }
    return fetchDevice(device, { ...backup, takenAtUnixMs, wish })
  }
  for await (const { item: device, value: result } of mapBounded(devices, pool, work)) {
    left.delete(device)
    yield { device: device.name, result }
  }
  for (const { name } of left) {
    const failure: Failure = { code: 'interrupted', detail: 'it was called off before its turn' }
    yield { device: name, result: { ok: false, failure } }
  }
}
