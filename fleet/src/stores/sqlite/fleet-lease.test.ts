import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import type { Lease, LeaseOwner } from '../../core/rollout/lease.ts'
import { started } from '../../core/rollout/test/events.ts'
import { openRolloutStore } from './rollout-store.ts'

const ada: LeaseOwner = { host: 'ops-1', pid: 10, processStart: 'b/1' }
const bob: LeaseOwner = { host: 'ops-1', pid: 11, processStart: 'b/2' }

function open(isAlive: (owner: LeaseOwner) => boolean = () => true): RolloutStore {
  return openRolloutStore(':memory:', { isAlive })
}

function acquire(
  store: RolloutStore,
  owner: LeaseOwner,
  nowMs: number,
  epochFloor = 0,
): Lease | null {
  const acquired = store.acquire({ owner, operation: 'apply', nowMs, epochFloor })
  return acquired.ok ? acquired.lease : null
}

test('one process at a time has the fleet, and says so', () => {
  const store = open()
  assert.equal(store.holder(0), null)
  const lease = acquire(store, ada, 5)
  assert.ok(lease)
  assert.deepEqual(store.holder(6), { owner: ada, operation: 'apply', sinceUnixMs: 5 })
  assert.equal(acquire(store, bob, 6), null)
  assert.equal(acquire(store, ada, 6), null)
  store.release(lease)
  assert.equal(store.holder(6), null)
  assert.ok(acquire(store, bob, 6))
  store.close()
})

test('renewal keeps it, and is possible after the time while nobody else came', () => {
  const store = open()
  const lease = acquire(store, ada, 0)
  assert.ok(lease)
  assert.ok(store.renew(lease, 20_000))
  assert.equal(acquire(store, bob, 49_999), null)
  assert.ok(store.renew(lease, 90_000))
  assert.equal(acquire(store, bob, 119_999), null)
  assert.ok(acquire(store, bob, 120_000))
  store.close()
})

test('a process that has ended holds nothing; a younger one with its number is another', () => {
  const store = open(({ processStart }) => processStart !== ada.processStart)
  const dead = acquire(store, ada, 0)
  assert.ok(dead)
  assert.equal(store.holder(1), null)
  const lease = acquire(store, { ...ada, processStart: 'b/3' }, 1)
  assert.ok(lease)
  assert.equal(store.renew({ ...lease, owner: ada }, 2), null)
  assert.equal(store.append('r-1', [started], { ...lease, owner: ada }), 'fenced')
  store.close()
})

test('the epoch is above what devices have seen', () => {
  const store = open()
  const lease = acquire(store, ada, 0, 41)
  assert.equal(lease?.epoch, 42)
  assert.equal(store.renew(lease, 1, 42)?.epoch, 42)
  const raised = store.renew(lease, 1, 50)
  assert.equal(raised?.epoch, 51)
  assert.equal(store.append('r-1', [started], lease), 'fenced')
  assert.equal(store.append('r-1', [started], raised), 'appended')
  store.release(raised)
  assert.equal(acquire(store, bob, 2, 7)?.epoch, 52)
  store.close()
})

const deed = fc.record({
  who: fc.nat({ max: 3 }),
  what: fc.constantFrom('acquire', 'renew', 'release', 'append'),
  laterMs: fc.nat({ max: 40_000 }),
  floor: fc.nat({ max: 9 }),
})

test('whatever happens, epochs grow and only the newest holder can write', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const store = open()
      const leases = new Map<number, Lease>()
      let nowMs = 0
      let newest = 0
      for (const { who, what, laterMs, floor } of deeds) {
        nowMs += laterMs
        const mine = leases.get(who)
        if (what === 'acquire') {
          const lease = acquire(store, { ...ada, pid: who }, nowMs, floor)
          if (lease === null) continue
          assert.ok(lease.epoch > newest && lease.epoch > floor)
          newest = lease.epoch
          leases.set(who, lease)
        } else if (mine === undefined) {
          continue
        } else if (what === 'renew') {
          const renewed = store.renew(mine, nowMs, floor)
          assert.ok(renewed === null || mine.epoch === newest)
          if (renewed === null) continue
          newest = renewed.epoch
          leases.set(who, renewed)
        } else if (what === 'release') {
          store.release(mine)
        } else if (store.append('r-1', [started], mine) === 'appended') {
          assert.equal(mine.epoch, newest)
        }
      }
      store.close()
    }),
    { numRuns: 60 },
  )
})
