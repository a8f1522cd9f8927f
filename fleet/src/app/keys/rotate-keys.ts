/**
 * Rotates the keys of devices: the new one beside the old one, each device asked from outside, and
 * after the overlap the new one alone, and the old one seen to be refused.
 *
 * INVARIANTS:
 * - what a device is to have is written to the secret store before the device gets it, so that who
 *   comes after a crash finds where it stands;
 * - a key is taken away only from a device that has been seen to take the next one, the overlap ago;
 * - a device that is away stays where it is, and keeps both keys until it is back.
 */
import type { Device } from '../../core/device/device.ts'
import {
  begin,
  cut,
  finish,
  overlapLeftMs,
  standOf,
  usualOverlapMs,
  type Proof,
  type Stand,
} from '../../core/keys/rotation.ts'
import type { Proofs } from '../../core/keys/proofs.ts'
import { foldNames } from '../../core/plan/names.ts'
import { fingerprintOf } from '../../core/secrets/fingerprint.ts'
import type { SecretChange } from '../../core/secrets/place.ts'
import { ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure } from '../../ports/secret-store.ts'
import { bringKeys, type KeyDelivery, type Trouble } from './bring-keys.ts'
import { pairOf, proveKeys } from './prove-keys.ts'

export interface KeyRotation extends KeyDelivery {
  readonly devices: readonly Device[]
  /** `null`: as it was begun with, or the usual one. */
  readonly overlapMs: number | null
  readonly newKey: () => string
  readonly nowUnixMs: () => number
  readonly proofs: {
    read(): Promise<Proofs>
    keep(proofs: Proofs): Promise<void>
  }
  /** One sentence about a device, or the fleet. */
  readonly say: (line: string) => void
}

/** `both`: both keys are valid there. `rotated`: the new one alone. `failed`: nothing is lost; again. */
export interface KeyOutcome {
  readonly device: string
  readonly status: 'both' | 'rotated' | 'failed'
  /** Of the new key. */
  readonly fingerprint: string | null
  /** Until the old key may go; `null`: that is not known, or it is gone. */
  readonly overlapLeftMs: number | null
  readonly failure: Trouble | null
}

export type Outcomes = Result<readonly KeyOutcome[], SecretFailure>

/**
 * Does what may be done now. A rotation that was begun goes on; a new one begins only where none is
 * under way among these devices, so that running it again never makes a second new key.
 */
export async function rotateKeys(rotation: KeyRotation): Promise<Outcomes> {
  const begun = await beginOrGoOn(rotation)
  return begun.ok ? await goOn(rotation, begun.value) : begun
}

/** Does for these devices what is due, where they stand now. */
export async function goOn(rotation: KeyRotation, underWay: readonly Device[]): Promise<Outcomes> {
  const outcomes = new Map<string, KeyOutcome>()
  let devices = underWay
  while (devices.length > 0) {
    const passed = await pass(rotation, devices, outcomes)
    if (!passed.ok) return passed
    if (rotation.run.stop.aborted) break
    const due = passed.value
    const changed = await write(rotation, await cuts(rotation, due))
    if (!changed.ok) return changed
    if (due.length > 0)
      rotation.say(`the old key of ${devicesOf(due)} is retired in the store, and goes`)
    devices = due
  }
  return ok(rotation.devices.flatMap(({ name }) => outcomes.get(name) ?? []))
}

export async function standsOf({
  outside: { secrets },
  devices,
}: Pick<KeyRotation, 'outside' | 'devices'>): Promise<
  Result<ReadonlyMap<string, Stand>, SecretFailure>
> {
  const kept = await secrets.list()
  if (!kept.ok) return kept
  return ok(new Map(devices.map(({ name }) => [name, standOf(name, kept.value)])))
}

/** The devices at work. */
async function beginOrGoOn(
  rotation: KeyRotation,
): Promise<Result<readonly Device[], SecretFailure>> {
  const { devices, say } = rotation
  const stands = await standsOf(rotation)
  if (!stands.ok) return stands
  const underWay = devices.filter(({ name }) => stands.value.get(name) !== 'idle')
  if (underWay.length > 0) {
    const idle = devices.length - underWay.length
    const left = idle === 0 ? '' : `; ${idle} more: not before it has ended`
    say(`a rotation is under way on ${underWay.length} of these devices and goes on${left}`)
    return ok(underWay)
  }
  const now = rotation.nowUnixMs()
  const written = await write(
    rotation,
    devices.flatMap(({ name }) => begin(name, rotation.newKey(), now)),
  )
  if (!written.ok) return written
  say(`a new key for ${devicesOf(devices)} is in the store, and goes beside the old one`)
  return ok(devices)
}

async function write(
  { outside: { secrets } }: KeyRotation,
  changes: readonly SecretChange[],
): Promise<Result<null, SecretFailure>> {
  return changes.length === 0 ? ok(null) : await secrets.write(changes)
}

/** Brings each device what the store has for it, and asks it. Gives those whose overlap is over. */
async function pass(
  rotation: KeyRotation,
  devices: readonly Device[],
  outcomes: Map<string, KeyOutcome>,
): Promise<Result<readonly Device[], SecretFailure>> {
  const stands = await standsOf(rotation)
  if (!stands.ok) return stands
  const brought = await bringKeys(rotation, devices)
  if (!brought.ok) return brought
  const proofs = new Map(await rotation.proofs.read())
  rotation.say(`asking ${devicesOf(devices)} which keys are taken`)
  const asked = devices.map(async ({ name, ...device }) => {
    const stand = stands.value.get(name) ?? 'idle'
    const trouble = brought.value.get(name) ?? null
    return await judge(rotation, { name, ...device }, { stand, trouble, proofs })
  })
  const ended: SecretChange[] = []
  for (const outcome of await Promise.all(asked)) {
    outcomes.set(outcome.device, outcome)
    if (outcome.status !== 'rotated') continue
    ended.push(...finish(outcome.device, rotation.nowUnixMs()))
    proofs.delete(outcome.device)
  }
  await rotation.proofs.keep(proofs)
  const finished = await write(rotation, ended)
  if (!finished.ok) return finished
  return ok(devices.filter(({ name }) => outcomes.get(name)?.overlapLeftMs === 0))
}

interface Standing {
  readonly stand: Stand
  /** `null`: it has what the store has for it. */
  readonly trouble: Trouble | null
  /** What is proved now is added. */
  readonly proofs: Map<string, Proof>
}

async function judge(
  rotation: KeyRotation,
  device: Device,
  { stand, trouble, proofs }: Standing,
): Promise<KeyOutcome> {
  const { name } = device
  const pair = await pairOf(rotation.outside.secrets, name, stand)
  const fingerprint = pair.ok ? fingerprintOf(pair.value.fresh) : null
  const failed = (failure: Trouble): KeyOutcome => {
    return { device: name, status: 'failed', fingerprint, overlapLeftMs: null, failure }
  }
  if (!pair.ok) return failed({ code: 'secret', detail: pair.failure.detail })
  if (trouble !== null) return failed(trouble)
  const refused = await proveKeys(rotation, device, pair.value, stand)
  if (refused !== null) return failed(refused)
  if (stand === 'ended') {
    return { device: name, status: 'rotated', fingerprint, overlapLeftMs: null, failure: null }
  }
  const proof = proofOf(rotation, fingerprintOf(pair.value.fresh), proofs.get(name))
  proofs.set(name, proof)
  const left = overlapLeftMs(proof, rotation.nowUnixMs())
  return { device: name, status: 'both', fingerprint, overlapLeftMs: left, failure: null }
}

/** The first one counts, as long as it is of the same key. */
function proofOf(
  { overlapMs, nowUnixMs }: KeyRotation,
  fingerprint: string,
  known: Proof | undefined,
): Proof {
  const before = known?.fingerprint === fingerprint ? known : null
  return {
    fingerprint,
    atUnixMs: before?.atUnixMs ?? nowUnixMs(),
    overlapMs: overlapMs ?? before?.overlapMs ?? usualOverlapMs,
  }
}

async function cuts(
  { outside: { secrets }, nowUnixMs }: KeyRotation,
  due: readonly Device[],
): Promise<readonly SecretChange[]> {
  const pairs = due.map(async ({ name }) => {
    const pair = await pairOf(secrets, name, 'both')
    return pair.ok ? cut(name, pair.value, nowUnixMs()) : []
  })
  return (await Promise.all(pairs)).flat()
}

function devicesOf(devices: readonly Device[]): string {
  return foldNames(devices.map(({ name }) => name))
}
