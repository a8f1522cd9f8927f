/** What every rollout store promises. An adapter brings a new state, which several handles share. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BlockedRelease } from '../core/rollout/blocked-release.ts'
import type { RolloutEvent } from '../core/rollout/event.ts'
import type { IsAlive, Lease, LeaseOwner } from '../core/rollout/lease.ts'
import { everyEvent, started } from '../core/rollout/test/events.ts'
import { fleetLeaseContract } from './fleet-lease.contract.ts'
import type { RolloutStore } from './rollout-store.ts'

export interface RolloutState {
  /** A handle, as another process has it. Without `isAlive` nothing is known of anybody. */
  open(isAlive?: IsAlive): Promise<RolloutStore>
}

const ada: LeaseOwner = { host: 'ops-1', pid: 4711, processStart: 'b/1' }
const bob: LeaseOwner = { host: 'ops-2', pid: 4711, processStart: 'b/1' }

async function leaseOf(store: RolloutStore, owner: LeaseOwner, nowMs = 0): Promise<Lease> {
  const acquired = await store.acquire({ owner, operation: 'test', nowMs, epochFloor: 0 })
  assert.ok(acquired.ok)
  return acquired.lease
}

const journal: readonly RolloutEvent[] = Object.values(everyEvent)

/** `start` makes a new, empty state. */
export function rolloutStoreContract(name: string, start: () => Promise<RolloutState>): void {
  fleetLeaseContract(name, start)
  describe(`the ${name} rollout store`, () => {
    test('a journal comes back in order, also by another handle', async () => {
      const state = await start()
      const first = await state.open()
      const lease = await leaseOf(first, ada)
      assert.equal(await first.append('r-1', journal.slice(0, 4), lease), 'appended')
      assert.equal(await first.append('r-1', journal.slice(4), lease), 'appended')
      await first.close()
      const second = await state.open()
      assert.deepEqual(await second.events('r-1'), journal)
      assert.deepEqual(await second.events('r-1', 3), journal.slice(3))
      assert.deepEqual(await second.events('r-2'), [])
      assert.deepEqual(await second.releaseOf('r-1'), started.release)
      assert.equal(await second.releaseOf('r-2'), null)
      await second.close()
    })

    test('every handle of it has its own origin, and another store has another', async () => {
      const state = await start()
      const handles = [await state.open(), await state.open(), await (await start()).open()]
      const [one, same, other] = handles.map(({ origin }) => origin)
      assert.match(one ?? '', /^[0-9a-f]{8}$/)
      assert.equal(same, one)
      assert.notEqual(other, one)
      for (const handle of handles) await handle.close()
    })

    test('a rollout begins with "started", and a batch that fails leaves nothing of itself', async () => {
      const store = await (await start()).open()
      const lease = await leaseOf(store, ada)
      await assert.rejects(store.append('r-1', [everyEvent.moved], lease), /does not begin/)
      const bad = { ...everyEvent.moved, tookSeconds: -1 }
      await assert.rejects(store.append('r-1', [started, bad], lease))
      assert.deepEqual(await store.events('r-1'), [])
      assert.deepEqual(await store.list(), [])
      assert.equal(await store.append('r-1', [], lease), 'appended')
      assert.equal(await store.append('r-1', [started], lease), 'appended')
      await store.close()
    })

    test('a device is known as it was reached last, until it is forgotten', async () => {
      const state = await start()
      const store = await state.open()
      const way = { sshPort: 22, user: 'pi', privateKeyFile: null, commonArgs: ['-o', 'A=b'] }
      const [one, two] = ['pi-1', 'pi-2'].map((name) => ({ ...way, name, address: '10.0.0.1' }))
      assert.ok(one !== undefined && two !== undefined)
      await store.remember([two, one])
      await store.remember([{ ...two, address: '10.0.0.2', privateKeyFile: '/k' }])
      const other = await state.open()
      assert.deepEqual(await other.known(), [
        one,
        { ...two, address: '10.0.0.2', privateKeyFile: '/k' },
      ])
      await other.append('r-1', journal, await leaseOf(other, ada))
      await other.forget('pi-1')
      assert.deepEqual(
        (await store.known()).map(({ name }) => name),
        ['pi-2'],
      )
      assert.ok(!(await store.settleHistory()).times.has('pi-1'))
      await other.close()
      await store.close()
    })

    test('the list has the newest rollout first, with its status and without its journal', async () => {
      const store = await (await start()).open()
      const lease = await leaseOf(store, ada)
      const later = { ...started, atUnixMs: started.atUnixMs + 5_000, rollout: 'r-2', why: 'again' }
      await store.append('r-1', [started, everyEvent['rolling-back'], everyEvent.ended], lease)
      await store.append('r-2', [later, everyEvent.paused], lease)
      assert.deepEqual(
        (await store.list()).map(({ rollout, status, why }) => ({ rollout, status, why })),
        [
          { rollout: 'r-2', status: 'paused', why: 'again' },
          { rollout: 'r-1', status: 'rolled_back', why: 'gpsd with the leap fix' },
        ],
      )
      assert.deepEqual((await store.list())[1], {
        rollout: 'r-1',
        startedUnixMs: started.atUnixMs,
        changedUnixMs: everyEvent.ended.atUnixMs,
        by: 'ada@ops-1',
        why: 'gpsd with the leap fix',
        image: 'registry.test/time@sha256:22',
        imageAsWritten: 'registry.test/time:2',
        digest: 'd2',
        devices: 2,
        status: 'rolled_back',
      })
      await store.close()
    })

    test('what is read back is printable, and not long, whoever wrote it', async () => {
      const store = await (await start()).open()
      const lease = await leaseOf(store, ada)
      const why = `red \u001b[31m\nline ${'x'.repeat(5_000)}`
      await store.append('r-1', [{ ...started, why }], lease)
      await store.block({ digest: 'd2', image: 'time@sha256:22', rollout: 'r-1', why, atUnixMs: 1 })
      const read = [(await store.list())[0]?.why, (await store.blocked())[0]?.why]
      for (const text of read) assert.match(text ?? '', /^red line x{900,990}…$/)
      await store.close()
    })

    test('of each device the newest twenty settling times are known, newest first', async () => {
      const store = await (await start()).open()
      const lease = await leaseOf(store, ada)
      await store.append('r-1', [started], lease)
      for (let n = 1; n <= 25; n += 1) {
        const atUnixMs = started.atUnixMs + n
        await store.append(
          'r-1',
          [
            { ...everyEvent.healthy, atUnixMs, settledSeconds: n },
            ...(n === 7 ? [{ ...everyEvent.healthy, atUnixMs, device: 'pi-2' }] : []),
          ],
          lease,
        )
      }
      const unknown = { ...everyEvent.healthy, atUnixMs: started.atUnixMs + 99 }
      await store.append('r-1', [{ ...unknown, settledSeconds: null }], lease)
      const newest = Array.from({ length: 20 }, (_, index) => 25 - index)
      assert.deepEqual(
        (await store.settleHistory()).times,
        new Map([
          ['pi-1', newest],
          ['pi-2', [61.5]],
        ]),
      )
      await store.close()
    })

    test('requests come once and in order, and those whose answer was not written come again', async () => {
      const state = await start()
      const [asking, running] = [await state.open(), await state.open()]
      const lease = await leaseOf(running, ada)
      await running.append('r-1', [started], lease)
      const pause = { action: 'pause', by: 'bob', why: 'lunch' } as const
      const abort = { action: 'abort', by: 'eve', why: '' } as const
      await asking.request('r-1', pause)
      await asking.request('r-2', abort)
      await asking.request('r-1', abort)
      assert.deepEqual(await running.requested(), ['r-1', 'r-2'])
      assert.deepEqual(await running.takeRequests('r-1'), [pause, abort])
      assert.deepEqual(await running.requested(), ['r-1', 'r-2'])
      assert.deepEqual(await running.takeRequests('r-1'), [])
      await running.close()

      const again = await state.open()
      assert.deepEqual(await again.takeRequests('r-1'), [pause, abort])
      await asking.request('r-1', pause)
      assert.equal(await again.append('r-1', [everyEvent.paused], lease), 'appended')
      await again.close()
      const last = await state.open()
      assert.deepEqual(await last.takeRequests('r-1'), [pause])
      assert.equal(await last.append('r-1', [], lease), 'appended')
      assert.deepEqual(await last.requested(), ['r-2'])
      await last.close()
      await asking.close()
    })

    test('a blocked release is blocked until it is unblocked, by digest or by image', async () => {
      const store = await (await start()).open()
      const bad: BlockedRelease = {
        digest: 'd2',
        image: 'time@sha256:22',
        rollout: 'r-1',
        why: '50 ms off',
        atUnixMs: 1,
      }
      const worse: BlockedRelease = { ...bad, digest: 'd3', image: 'time@sha256:33', atUnixMs: 2 }
      await store.block(bad)
      await store.block(worse)
      await store.block({ ...bad, why: 'again' })
      assert.deepEqual(await store.blocked(), [worse, { ...bad, why: 'again' }])
      assert.deepEqual(await store.unblock('nothing'), [])
      assert.deepEqual(await store.unblock('d3'), [worse])
      assert.deepEqual(await store.unblock('time@sha256:22'), [{ ...bad, why: 'again' }])
      assert.deepEqual(await store.blocked(), [])
      await store.close()
    })

    test('a paused old controller cannot write after another one took over', async () => {
      const state = await start()
      const [old, young] = [await state.open(), await state.open()]
      const first = await leaseOf(old, ada)
      await old.append('r-1', [started], first)
      assert.deepEqual(
        await young.acquire({ owner: bob, operation: 'apply', nowMs: 29_999, epochFloor: 0 }),
        {
          ok: false,
          heldBy: { owner: ada, operation: 'test', sinceUnixMs: 0 },
        },
      )
      const second = await leaseOf(young, bob, 30_000)
      assert.ok(second.epoch > first.epoch)
      assert.equal(await old.append('r-1', [everyEvent.paused], first), 'fenced')
      assert.equal(await old.renew(first, 30_001), false)
      await old.release(first)
      assert.equal(await young.append('r-1', [everyEvent.resumed], second), 'appended')
      assert.deepEqual(await young.events('r-1'), [started, everyEvent.resumed])
      await old.close()
      await young.close()
    })
  })
}
