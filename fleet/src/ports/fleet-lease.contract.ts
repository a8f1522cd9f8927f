/** What every store promises of the lease of the fleet. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { highestEpoch } from '../core/rollout/epoch.ts'
import type { Lease, LeaseOwner } from '../core/rollout/lease.ts'
import { started } from '../core/rollout/test/events.ts'
import type { RolloutState } from './rollout-store.contract.ts'
import type { RolloutStore } from './rollout-store.ts'

const ada: LeaseOwner = { host: 'ops-1', pid: 10, processStart: 'b/1' }
const bob: LeaseOwner = { host: 'ops-1', pid: 11, processStart: 'b/2' }

async function acquire(
  store: RolloutStore,
  owner: LeaseOwner,
  nowMs: number,
  epochFloor = 0,
): Promise<Lease | null> {
  const acquired = await store.acquire({ owner, operation: 'apply', nowMs, epochFloor })
  return acquired.ok ? acquired.lease : null
}

const deed = fc.record({
  who: fc.nat({ max: 3 }),
  what: fc.constantFrom('acquire', 'renew', 'release', 'append'),
  laterMs: fc.nat({ max: 40_000 }),
  floor: fc.nat({ max: 9 }),
})

export function fleetLeaseContract(name: string, start: () => Promise<RolloutState>): void {
  describe(`the lease in the ${name} store`, () => {
    test('one process at a time has the fleet, and says so', async () => {
      const store = await (await start()).open()
      assert.equal(await store.holder(0), null)
      const lease = await acquire(store, ada, 5)
      assert.ok(lease)
      assert.deepEqual(await store.holder(6), { owner: ada, operation: 'apply', sinceUnixMs: 5 })
      assert.equal(await acquire(store, bob, 6), null)
      assert.equal(await acquire(store, ada, 6), null)
      await store.release(lease)
      assert.equal(await store.holder(6), null)
      assert.ok(await acquire(store, bob, 6))
      await store.close()
    })

    test('renewal keeps it, and is possible after the time while nobody else came', async () => {
      const store = await (await start()).open()
      const lease = await acquire(store, ada, 0)
      assert.ok(lease)
      assert.ok(await store.renew(lease, 20_000))
      assert.equal(await acquire(store, bob, 49_999), null)
      assert.ok(await store.renew(lease, 90_000))
      assert.equal(await acquire(store, bob, 119_999), null)
      assert.ok(await acquire(store, bob, 120_000))
      await store.close()
    })

    test('a process that lives holds it, whatever the wall clock of who asks says', async () => {
      const store = await (await start()).open(() => true)
      const lease = await acquire(store, ada, 3_600_000)
      assert.ok(lease)
      for (const nowMs of [0, 7_200_000]) {
        assert.equal(await acquire(store, bob, nowMs), null)
        assert.deepEqual((await store.holder(nowMs))?.owner, ada)
      }
      await store.close()
    })

    test('a process that has ended holds nothing; a younger one with its number is another', async () => {
      const store = await (
        await start()
      ).open(({ processStart }) => processStart !== ada.processStart)
      const dead = await acquire(store, ada, 0)
      assert.ok(dead)
      assert.equal(await store.holder(1), null)
      const lease = await acquire(store, { ...ada, processStart: 'b/3' }, 1)
      assert.ok(lease)
      assert.equal(await store.renew({ ...lease, owner: ada }, 2), false)
      assert.equal(await store.append('r-1', [started], { ...lease, owner: ada }), 'fenced')
      await store.close()
    })

    test('the epoch rises by one, and a new store goes on from what most devices have seen', async () => {
      const store = await (await start()).open()
      const first = await acquire(store, ada, 0, 41)
      assert.equal(first?.epoch, 42)
      assert.ok(await store.renew(first, 1))
      assert.equal(await store.append('r-1', [started], first), 'appended')
      await store.release(first)
      const second = await acquire(store, bob, 2, 7)
      assert.equal(second?.epoch, 43)
      assert.equal(await store.append('r-1', [started], first), 'fenced')
      await store.release(second)
      await store.close()
    })

    test('the epoch has a cap: beyond it nothing is given, and what is there can still be read', async () => {
      const store = await (await start()).open()
      await assert.rejects(acquire(store, ada, 0, highestEpoch), /cannot be/)
      await assert.rejects(acquire(store, ada, 0, Number.MAX_SAFE_INTEGER), /cannot be/)
      assert.equal(await store.holder(0), null)
      assert.equal((await acquire(store, ada, 0))?.epoch, 1)
      await store.close()
    })

    test('whatever happens, epochs grow and only the newest holder can write', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(deed, { maxLength: 60 }), async (deeds) => {
          const store = await (await start()).open()
          const leases = new Map<number, Lease>()
          let nowMs = 0
          let newest = 0
          for (const { who, what, laterMs, floor } of deeds) {
            nowMs += laterMs
            const mine = leases.get(who)
            if (what === 'acquire') {
              const lease = await acquire(store, { ...ada, pid: who }, nowMs, floor)
              if (lease === null) continue
              assert.ok(lease.epoch > newest && lease.epoch > floor)
              newest = lease.epoch
              leases.set(who, lease)
            } else if (mine === undefined) {
              continue
            } else if (what === 'renew') {
              const isRenewed = await store.renew(mine, nowMs)
              assert.ok(!isRenewed || mine.epoch === newest)
            } else if (what === 'release') {
              await store.release(mine)
            } else if ((await store.append('r-1', [started], mine)) === 'appended') {
              assert.equal(mine.epoch, newest)
            }
          }
          await store.close()
        }),
        { numRuns: 60 },
      )
    })
  })
}
