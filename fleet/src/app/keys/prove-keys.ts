/** Asks a device from outside which keys it takes. */
import type { Device } from '../../core/device/device.ts'
import {
  currentKey,
  nextKey,
  retiredKey,
  type KeyPair,
  type Stand,
} from '../../core/keys/rotation.ts'
import { ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure, SecretStore } from '../../ports/secret-store.ts'
import type { Outside, Run } from '../outside.ts'
import type { Trouble } from './bring-keys.ts'

/** What the store has: before the old key goes, or after. */
export async function pairOf(
  secrets: SecretStore,
  device: string,
  stand: Stand,
): Promise<Result<KeyPair, SecretFailure>> {
  const isEnded = stand === 'ended'
  const fresh = await secrets.get({ device, name: isEnded ? currentKey : nextKey })
  const old = isEnded
    ? await secrets.get({ device, name: retiredKey })
    : await secrets.read(device, currentKey)
  if (!fresh.ok) return fresh
  return old.ok ? ok({ old: old.value, fresh: fresh.value }) : old
}

/** A time server reads its keys again within five seconds of a change. */
const deadlineMs = 30_000
/** Who shows wrong keys more often than that is locked out, with everybody at the same address. */
const pauseMs = 3_000

interface Asking {
  readonly outside: Outside
  readonly run: Pick<Run, 'abort'>
}

/** `null`: it takes the new key, and takes or refuses the old one as it should. */
export async function proveKeys(
  asking: Asking,
  device: Device,
  pair: KeyPair,
  stand: Stand,
): Promise<Trouble | null> {
  const { outside, run } = asking
  const startMs = outside.nowMs()
  for (;;) {
    const trouble = await askOnce(asking, device, pair, stand)
    const isOver = outside.nowMs() - startMs >= deadlineMs
    if (trouble === null || isOver || run.abort.aborted) return trouble
    const nextMs = outside.nowMs() + pauseMs
    while (outside.nowMs() < nextMs && !run.abort.aborted) {
      await outside.wait(nextMs - outside.nowMs(), run.abort)
    }
  }
}

async function askOnce(
  { outside, run }: Asking,
  device: Device,
  { old, fresh }: KeyPair,
  stand: Stand,
): Promise<Trouble | null> {
  const [takesFresh, takesOld] = await Promise.all([
    outside.probeKey(device, fresh, run.abort),
    outside.probeKey(device, old, run.abort),
  ])
  if (!takesFresh.ok) return { code: 'unanswered', detail: takesFresh.failure.detail }
  if (!takesOld.ok) return { code: 'unanswered', detail: takesOld.failure.detail }
  if (takesFresh.value === 'refused') return { code: 'refused', detail: 'refuses its new key' }
  const wanted = stand === 'ended' ? 'refused' : 'accepted'
  if (takesOld.value === wanted) return null
  const does = takesOld.value === 'accepted' ? 'still takes' : 'already refuses'
  return { code: 'refused', detail: `${does} its old key` }
}
