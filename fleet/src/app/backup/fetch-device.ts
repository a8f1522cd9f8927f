/** The backup of one device: one round trip, and each part of it judged and kept before the next. */
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import {
  deviceRoots,
  deviceScript,
  hostKeyPaths,
  type DeviceWish,
} from '../../core/backup/device-script.ts'
import type { LeftOut, Manifest } from '../../core/backup/manifest.ts'
import { askManifest } from '../../core/bundle/ask.ts'
import { encodeBundle } from '../../core/bundle/bundle.ts'
import { environmentPath } from '../../core/desired/paths.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { BackupStore, BackupWriter, KeptBackup } from '../../ports/backup-store.ts'
import { newOperation, targetOf, type Reach } from '../link.ts'
import { packing, RefusedArchive } from './pack.ts'

export interface Fetching {
  readonly reach: Omit<Reach, 'timeoutMs'>
  readonly store: BackupStore
  readonly wish: DeviceWish
  readonly takenAtUnixMs: number
  /** Of Timeball. */
  readonly version: string
}

export interface Fetched {
  readonly kept: KeptBackup
  readonly manifest: Manifest
}

/** Of what a device sends; a log has 4 MiB, statistics of years some 10. */
export const deviceBounds = {
  members: 5_000,
  memberBytes: 64 * 1024 ** 2,
  allBytes: 256 * 1024 ** 2,
} as const

/** A slow card and a slow line. */
const seconds = 600

export async function fetchDevice(
  device: Device,
  fetching: Fetching,
): Promise<Result<Fetched, Failure>> {
  const { store, takenAtUnixMs } = fetching
  const begun = await store.begin({ subject: device.name, takenAtUnixMs })
  if (!begun.ok) return fail(notKept(begun.failure.detail))
  const writer = begun.value
  const manifest = await receive(device, writer, fetching)
  if (!manifest.ok) {
    await writer.abandon()
    return manifest
  }
  const kept = await writer.commit()
  return kept.ok
    ? ok({ kept: kept.value, manifest: manifest.value })
    : fail(notKept(kept.failure.detail))
}

async function receive(
  device: Device,
  writer: BackupWriter,
  { reach, wish, takenAtUnixMs, version }: Fetching,
): Promise<Result<Manifest, Failure>> {
  const { outside, abort } = reach
  const operation = newOperation(reach, 0)
  const question = {
    ...({ script: deviceScript(wish), as: 'root', seconds } as const),
    mostBytes: deviceBounds.allBytes + deviceBounds.members * 1024,
  }
  const file = { path: 'script', mode: '0600', content: [question.script] }
  const bounds = { ...deviceBounds, roots: deviceRoots(wish) }
  const pack = packing({ subject: device.name, takenAtUnixMs, writer, bounds, version })
  let refused: Failure | null = null
  const answer = await outside.engine.deliver(targetOf(device), {
    bundle: encodeBundle(outside.applier, askManifest(question, operation), [file]),
    nonce: operation.nonce,
    timeoutMs: (seconds + 30) * 1000,
    connection: 'reuse',
    signal: abort,
    onLine: () => {},
    async onBytes(part) {
      try {
        await pack.push(part)
      } catch (error) {
        refused = failureOf(error)
        throw error
      }
    },
  })
  if (refused !== null) return fail(refused)
  if (!answer.ok) return answer
  const { end, lines } = answer.value
  if (end.status === 'failed') return fail(end.failure)
  const exit = lines.find((line) => line.type === 'exit')
  if (exit?.code !== 0 || !exit.in_time || exit.left_out_bytes > 0) {
    return fail(
      notWhole(exit?.in_time === false ? 'its time was over' : 'its archive is not whole'),
    )
  }
  try {
    const manifest = await pack.finish(leftOutOf(wish))
    const isThere = manifest.files.some(({ path }) => `/${path}` === environmentPath)
    return isThere
      ? ok(manifest)
      : fail(notWhole(`it has no ${environmentPath}: was it ever applied?`))
  } catch (error) {
    return fail(failureOf(error))
  }
}

function failureOf(error: unknown): Failure {
  const why = printable(error instanceof Error ? error.message : String(error), 300)
  if (error instanceof RefusedArchive) {
    return { code: 'protocol', detail: `its backup is refused: ${why}` }
  }
  return notKept(why)
}

function notWhole(why: string): Failure {
  return { code: 'step-failed', detail: `no backup was made: ${why}` }
}

function notKept(why: string): Failure {
  return { code: 'interrupted', detail: `the backup could not be kept: ${why}` }
}

function leftOutOf({ identity }: DeviceWish): readonly LeftOut[] {
  const keys = identity
    ? []
    : [
        {
          what: hostKeyPaths.join(', '),
          how_back: 'a new device makes its own: compare and pin them; or backup.identity: true',
        },
      ]
  return [
    ...keys,
    { what: 'images', how_back: 'apply fetches them again by digest' },
    {
      what: 'packages of the system',
      how_back: 'apply installs them; timeball/packages names all',
    },
  ]
}
