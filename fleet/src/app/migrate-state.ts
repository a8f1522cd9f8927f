/** Moves what a fleet remembers into another store, while nobody is at work on the fleet. */
import type { LeaseHolder, LeaseOwner } from '../core/rollout/lease.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'

export interface Remembered {
  readonly rollouts: RolloutStore
  readonly samples: SampleStore
}

export interface Migration {
  readonly from: Remembered
  readonly to: Remembered
  readonly owner: LeaseOwner
  readonly nowMs: number
  /** Whose samples are moved. */
  readonly servers: readonly string[]
}

export interface Migrated {
  readonly rollouts: number
  readonly events: number
  readonly blocked: number
  readonly devices: number
  readonly samples: number
}

export type MigrateFailure =
  | { readonly kind: 'held'; readonly holder: LeaseHolder }
  /** There is something in the other store. */
  | { readonly kind: 'not-empty' }
  /** A journal that cannot be read whole. */
  | { readonly kind: 'damaged'; readonly what: string }

/** More than a store keeps of one server. */
const allSamples = 1_000_000

/** The old store stays as it is. In the new one the numbers of operations go on. */
export async function migrateState(
  migration: Migration,
): Promise<Result<Migrated, MigrateFailure>> {
  const { from, to, owner, nowMs } = migration
  if (from.rollouts.damage !== null) return damaged(from.rollouts.damage)
  const wish = { owner, operation: 'state migrate', nowMs }
  const old = await from.rollouts.acquire({ ...wish, epochFloor: 0 })
  if (!old.ok) return fail({ kind: 'held', holder: old.heldBy })
  try {
    if (!(await isEmpty(to.rollouts))) return fail({ kind: 'not-empty' })
    const broken = await firstBroken(from.rollouts)
    if (broken !== null) return damaged(broken)
    const fresh = await to.rollouts.acquire({ ...wish, epochFloor: old.lease.epoch })
    if (!fresh.ok) return fail({ kind: 'held', holder: fresh.heldBy })
    let events = 0
    // Oldest first: what is learned from journals is learned in the order in which it happened.
    const rollouts = (await from.rollouts.list()).toReversed()
    for (const { rollout } of rollouts) {
      const journal = await from.rollouts.events(rollout)
      await to.rollouts.append(rollout, journal, fresh.lease)
      events += journal.length
      for (const request of await from.rollouts.takeRequests(rollout)) {
        await to.rollouts.request(rollout, request)
      }
    }
    const [blocked, devices] = [await from.rollouts.blocked(), await from.rollouts.known()]
    for (const release of blocked) await to.rollouts.block(release)
    await to.rollouts.remember(devices)
    const samples = await moveSamples(migration)
    await to.rollouts.release(fresh.lease)
    const counts = { rollouts: rollouts.length, events, samples }
    return ok({ ...counts, blocked: blocked.length, devices: devices.length })
  } finally {
    await from.rollouts.release(old.lease)
  }
}

async function moveSamples({ from, to, servers }: Migration): Promise<number> {
  let count = 0
  for (const server of servers) {
    const samples = await from.samples.history(server, 0, allSamples)
    await to.samples.append(samples)
    count += samples.length
  }
  return count
}

async function isEmpty(store: RolloutStore): Promise<boolean> {
  const found = [await store.list(), await store.blocked(), await store.known()]
  return found.every((rows) => rows.length === 0)
}

async function firstBroken(store: RolloutStore): Promise<string | null> {
  for (const { rollout } of await store.list()) {
    const [broken] = await store.unreadable(rollout)
    if (broken !== undefined) return `event ${broken.sequence} of ${rollout} ${broken.why}`
  }
  return null
}

function damaged(what: string): Result<never, MigrateFailure> {
  return fail({ kind: 'damaged', what })
}
