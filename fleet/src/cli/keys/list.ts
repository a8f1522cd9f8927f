/** `timeball keys list`: what the store knows of each device's key. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { KeyRecord } from '../../api/records/key-record.ts'
import { keySetAt } from '../../core/keys/key-age.ts'
import { pairOf } from '../../app/keys/prove-keys.ts'
import {
  currentKey,
  nextKey,
  overlapLeftMs,
  standOf,
  type Stand,
} from '../../core/keys/rotation.ts'
import type { Proofs } from '../../core/keys/proofs.ts'
import { fingerprintOf } from '../../core/secrets/fingerprint.ts'
import type { KeptSecret } from '../../core/secrets/place.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { SecretFailure, SecretStore } from '../../ports/secret-store.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { refuseSecret } from '../secrets/open-secrets.ts'
import { readFleet } from '../start.ts'
import { readProofs } from './proof-file.ts'
import { showKeys } from './rows.ts'

export async function listCommand(
  context: Context,
  targets: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  const selected = await readFleet(context, targets, options)
  if (!selected.ok) return selected.failure
  const { loaded, devices } = selected.value
  const store = await context.openSecrets(loaded)
  const kept = await store.list()
  if (!kept.ok) return refuseSecret(context, store, kept.failure)
  const proofs = await readProofs(context, loaded)
  const found: Found[] = []
  for (const { name } of devices) {
    const stand = standOf(name, kept.value)
    const newest = await newestKey(store, name, stand)
    if (!newest.ok && newest.failure.code === 'unavailable') {
      return refuseSecret(context, store, newest.failure)
    }
    found.push({ device: name, stand, newest })
  }
  const rows = found.map((each) =>
    rowOf(each, found, { kept: kept.value, proofs, now: context.nowUnixMs() }),
  )
  const records = await openRecords(context, options.json)
  for (const row of rows) records?.write(row)
  if (records !== null) return records.result(exitCodes.done, {})
  showKeys(context, rows)
  return exitCodes.done
}

interface Found {
  readonly device: string
  readonly stand: Stand
  readonly newest: Result<Secret, SecretFailure>
}

async function newestKey(
  store: SecretStore,
  device: string,
  stand: Stand,
): Promise<Result<Secret, SecretFailure>> {
  if (stand === 'idle') return await store.read(device, currentKey)
  const pair = await pairOf(store, device, stand)
  return pair.ok ? { ok: true, value: pair.value.fresh } : pair
}

interface Known {
  readonly kept: readonly KeptSecret[]
  readonly proofs: Proofs
  readonly now: number
}

function rowOf({ device, stand, newest }: Found, all: readonly Found[], known: Known): KeyRecord {
  const name = stand === 'both' ? nextKey : currentKey
  const value = newest.ok ? newest.value.reveal() : null
  const sharers = all.filter(({ newest: other }) => other.ok && other.value.reveal() === value)
  const proof = known.proofs.get(device)
  const left =
    proof === undefined || stand !== 'both' ? null : overlapLeftMs(proof, known.now) / 1000
  return {
    type: 'key',
    device,
    status: stand,
    fingerprint: newest.ok ? fingerprintOf(newest.value) : null,
    set_at_unix_ms: keySetAt(device, known.kept, name),
    shared_by: sharers.length,
    overlap_left_seconds: left,
    code: newest.ok ? null : newest.failure.code,
    message: newest.ok ? null : newest.failure.detail,
  }
}
