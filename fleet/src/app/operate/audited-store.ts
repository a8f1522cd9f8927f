/**
 * The one door through which a fleet is changed, with the audit log behind it: what cannot be noted
 * is not done.
 */
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { formatPlace } from '../../core/secrets/place.ts'
import type { SecretStore } from '../../ports/secret-store.ts'

export interface Noted {
  readonly action: string
  readonly what: string
  readonly result: string
  /** Left out: whoever runs this process. */
  readonly who?: string
}

/** Rejects when it cannot be written. */
export type Note = (noted: Noted) => Promise<void>

/** Notes who takes the fleet and gives it back, rollouts, and what is asked of them. */
export function auditedRollouts(store: RolloutStore, note: Note): RolloutStore {
  const operations = new Map<number, string>()
  return {
    ...store,
    async acquire(wish) {
      const acquired = await store.acquire(wish)
      if (!acquired.ok) return acquired
      const { lease } = acquired
      try {
        await note({ action: 'fleet.claim', what: wish.operation, result: 'done' })
      } catch (error) {
        await store.release(lease)
        throw error
      }
      operations.set(lease.epoch, wish.operation)
      return acquired
    },
    async release(lease) {
      await store.release(lease)
      const what = operations.get(lease.epoch)
      operations.delete(lease.epoch)
      if (what === undefined) return
      // The operation is over: that it was not noted shows in the log by itself.
      await note({ action: 'fleet.release', what, result: 'done' }).catch(() => {})
    },
    async append(rollout, events, lease) {
      for (const event of events) await noteEvent(rollout, event, note)
      return await store.append(rollout, events, lease)
    },
    async request(rollout, request) {
      const { action, by: who } = request
      await note({ action: `rollout.${action}`, what: rollout, result: 'asked', who })
      await store.request(rollout, request)
    },
    async block(release) {
      await note({ action: 'release.block', what: release.image, result: 'done' })
      await store.block(release)
    },
    async unblock(release) {
      const unblocked = await store.unblock(release)
      for (const { image } of unblocked) {
        await note({ action: 'release.unblock', what: image, result: 'done' })
      }
      return unblocked
    },
    async forget(device) {
      await note({ action: 'device.forget', what: device, result: 'done' })
      await store.forget(device)
    },
  }
}

async function noteEvent(rollout: string, event: RolloutEvent, note: Note): Promise<void> {
  if (event.type === 'started') {
    const what = `${rollout} ${event.release.image}`
    await note({ action: 'rollout.start', what, result: 'done', who: event.by })
  }
  if (event.type === 'ended') {
    await note({ action: 'rollout.end', what: rollout, result: event.result })
  }
}

/** Notes what is written to a store of secrets: places, never values. */
export function auditedSecrets(store: SecretStore, note: Note): SecretStore {
  return {
    ...store,
    async write(changes) {
      const what = changes.map(formatPlace).join(', ')
      await note({ action: 'secrets.write', what, result: 'asked' })
      const written = await store.write(changes)
      const result = written.ok ? 'done' : `failed: ${written.failure.code}`
      await note({ action: 'secrets.write', what, result })
      return written
    },
    async rekey(readers) {
      await note({ action: 'secrets.rekey', what: store.name, result: 'asked' })
      return await store.rekey(readers)
    },
  }
}
