/**
 * Takes the keys of a lost device out of use: the store forgets them, and each device that shares
 * one gets another at once, and is seen to refuse the old one. Run again, it goes on.
 */
import type { Device } from '../../core/device/device.ts'
import {
  keyNames,
  revocationChanges,
  sharersOf,
  type HeldKeys,
  type RevocationParts,
} from '../../core/keys/revocation.ts'
import { currentKey, nextKey, retiredKey } from '../../core/keys/rotation.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure, SecretStore } from '../../ports/secret-store.ts'
import { goOn, standsOf, type KeyRotation, type Outcomes } from './rotate-keys.ts'

export interface KeysAtRisk {
  readonly lost: HeldKeys
  readonly others: readonly HeldKeys[]
  /** Names of those of the others that take a key which the lost device knows. */
  readonly sharers: readonly string[]
}

/** What the store has of a lost device, and of all others. A key that cannot be had is none. */
export async function keysAtRisk(
  store: SecretStore,
  lost: string,
  devices: readonly Device[],
): Promise<Result<KeysAtRisk, SecretFailure>> {
  const own = await heldBy(store, lost)
  if (!own.ok) return own
  const others: HeldKeys[] = []
  for (const { name } of devices.filter((device) => device.name !== lost)) {
    const held = await heldBy(store, name)
    if (!held.ok) return held
    others.push(held.value)
  }
  const parts = { lost: own.value, others }
  return ok({ ...parts, sharers: sharersOf(parts) })
}

async function heldBy(
  store: SecretStore,
  device: string,
): Promise<Result<HeldKeys, SecretFailure>> {
  const current = await orNone(store.read(device, currentKey))
  const next = await orNone(store.read(device, nextKey))
  const retired = await orNone(store.get({ device, name: retiredKey }))
  if (!current.ok) return current
  if (!next.ok) return next
  return retired.ok
    ? ok({ device, current: current.value, next: next.value, retired: retired.value })
    : retired
}

async function orNone(
  reading: Promise<Result<Secret, SecretFailure>>,
): Promise<Result<Secret | null, SecretFailure>> {
  const found = await reading
  if (found.ok || found.failure.code === 'unavailable') return found
  return ok(null)
}

export interface KeyRevocation extends KeyRotation {
  readonly lost: string
}

/** `devices` of it are all others. */
export async function revokeKeys(revocation: KeyRevocation): Promise<Outcomes> {
  const { devices, lost, say } = revocation
  const { secrets } = revocation.outside
  const changes = await changesOf(revocation)
  if (!changes.ok) return changes
  const written = changes.value.length === 0 ? ok(null) : await secrets.write(changes.value)
  if (!written.ok) return written
  if (changes.value.length > 0) say(`the store knows no key of ${lost} any more`)
  const stands = await standsOf(revocation)
  if (!stands.ok) return stands
  return await goOn(
    revocation,
    devices.filter(({ name }) => stands.value.get(name) === 'ended'),
  )
}

async function changesOf({
  outside: { secrets },
  devices,
  lost,
  ...rotation
}: KeyRevocation): Promise<Result<ReturnType<typeof revocationChanges>, SecretFailure>> {
  const held = await keysAtRisk(secrets, lost, devices)
  if (!held.ok) return held
  const kept = await secrets.list()
  if (!kept.ok) return fail(kept.failure)
  const ofAll: Secret[] = []
  for (const name of keyNames) {
    const secret = await orNone(secrets.get({ device: null, name }))
    if (!secret.ok) return secret
    if (secret.value !== null) ofAll.push(secret.value)
  }
  const parts: RevocationParts = {
    ...held.value,
    kept: kept.value,
    ofAll,
    newKey: rotation.newKey,
    atUnixMs: rotation.nowUnixMs(),
  }
  return ok(revocationChanges(parts))
}
