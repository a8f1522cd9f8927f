import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { BlockedRelease } from '../../core/rollout/blocked-release.ts'
import type { Lease, LeaseOwner } from '../../core/rollout/lease.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { openRolloutStore } from './rollout-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-rollouts-'))
after(() => rm(folder, { recursive: true }))

let files = 0
const newPath = (): string => join(folder, `new/${(files += 1)}.db`)

const everybodyLives = (): boolean => true

function open(
  path: string,
  isAlive: (owner: LeaseOwner) => boolean = everybodyLives,
): RolloutStore {
  return openRolloutStore(path, { isAlive })
}

const ada: LeaseOwner = { host: 'ops-1', pid: 4711, processStart: 'b/1' }
const bob: LeaseOwner = { host: 'ops-2', pid: 4711, processStart: 'b/1' }

function leaseOf(store: RolloutStore, owner: LeaseOwner, nowMs = 0, epochFloor = 0): Lease {
  const acquired = store.acquire({ owner, operation: 'test', nowMs, epochFloor })
  assert.ok(acquired.ok)
  return acquired.lease
}

const journal: readonly RolloutEvent[] = Object.values(everyEvent)

test('a journal comes back in order after the file was closed', () => {
  const path = newPath()
  const first = open(path)
  const lease = leaseOf(first, ada)
  assert.equal(first.append('r-1', journal.slice(0, 4), lease), 'appended')
  assert.equal(first.append('r-1', journal.slice(4), lease), 'appended')
  first.close()
  const second = open(path)
  assert.deepEqual(second.events('r-1'), journal)
  assert.deepEqual(second.events('r-1', 3), journal.slice(3))
  assert.deepEqual(second.events('r-2'), [])
  assert.deepEqual(second.releaseOf('r-1'), started.release)
  assert.equal(second.releaseOf('r-2'), null)
  second.close()
})

test('a rollout begins with "started", and a batch that fails leaves nothing of itself', () => {
  const store = open(':memory:')
  const lease = leaseOf(store, ada)
  assert.throws(() => store.append('r-1', [everyEvent.moved], lease), /does not begin/)
  const bad = { ...everyEvent.moved, tookSeconds: -1 }
  assert.throws(() => store.append('r-1', [started, bad], lease))
  assert.deepEqual(store.events('r-1'), [])
  assert.deepEqual(store.list(), [])
  assert.equal(store.append('r-1', [], lease), 'appended')
  assert.equal(store.append('r-1', [started], lease), 'appended')
  store.close()
})

test('the list has the newest rollout first, with its status and without its journal', () => {
  const store = open(':memory:')
  const lease = leaseOf(store, ada)
  const later = { ...started, atUnixMs: started.atUnixMs + 5_000, rollout: 'r-2', why: 'again' }
  store.append('r-1', [started, everyEvent['rolling-back'], everyEvent.ended], lease)
  store.append('r-2', [later, everyEvent.paused], lease)
  assert.deepEqual(
    store.list().map(({ rollout, status, why }) => ({ rollout, status, why })),
    [
      { rollout: 'r-2', status: 'paused', why: 'again' },
      { rollout: 'r-1', status: 'rolled_back', why: 'gpsd with the leap fix' },
    ],
  )
  assert.deepEqual(store.list()[1], {
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
  store.close()
})

test('what is read back is printable, and not long, whoever wrote it', () => {
  const store = open(':memory:')
  const lease = leaseOf(store, ada)
  const why = `red \u001b[31m\nline ${'x'.repeat(5_000)}`
  store.append('r-1', [{ ...started, why }], lease)
  store.hold({ digest: 'd2', image: 'time@sha256:22', rollout: 'r-1', why, atUnixMs: 1 })
  const read = [store.list()[0]?.why, store.blocked()[0]?.why]
  for (const text of read) assert.match(text ?? '', /^red line x{900,990}…$/)
  store.close()
})

test('of each device the newest twenty settling times are known, newest first', () => {
  const store = open(':memory:')
  const lease = leaseOf(store, ada)
  store.append('r-1', [started], lease)
  for (let n = 1; n <= 25; n += 1) {
    const atUnixMs = started.atUnixMs + n
    store.append(
      'r-1',
      [
        { ...everyEvent.healthy, atUnixMs, settledSeconds: n },
        ...(n === 7 ? [{ ...everyEvent.healthy, atUnixMs, device: 'pi-2' }] : []),
      ],
      lease,
    )
  }
  const newest = Array.from({ length: 20 }, (_, index) => 25 - index)
  assert.deepEqual(
    store.settleHistory(),
    new Map([
      ['pi-1', newest],
      ['pi-2', [61.5]],
    ]),
  )
  store.close()
})

test('requests come once and in order, and those whose answer was not written come again', () => {
  const path = newPath()
  const [asking, running] = [open(path), open(path)]
  const lease = leaseOf(running, ada)
  running.append('r-1', [started], lease)
  const pause = { action: 'pause', by: 'bob', why: 'lunch' } as const
  const abort = { action: 'abort', by: 'eve', why: '' } as const
  asking.request('r-1', pause)
  asking.request('r-2', abort)
  asking.request('r-1', abort)
  assert.deepEqual(running.takeRequests('r-1'), [pause, abort])
  assert.deepEqual(running.takeRequests('r-1'), [])
  running.close()

  const again = open(path)
  assert.deepEqual(again.takeRequests('r-1'), [pause, abort])
  asking.request('r-1', pause)
  assert.equal(again.append('r-1', [everyEvent.paused], lease), 'appended')
  again.close()
  const last = open(path)
  assert.deepEqual(last.takeRequests('r-1'), [pause])
  last.close()
  asking.close()
})

test('a blocked release is blocked until it is unblocked, by digest or by image', () => {
  const store = open(':memory:')
  const bad: BlockedRelease = {
    digest: 'd2',
    image: 'time@sha256:22',
    rollout: 'r-1',
    why: '50 ms off',
    atUnixMs: 1,
  }
  const worse: BlockedRelease = { ...bad, digest: 'd3', image: 'time@sha256:33', atUnixMs: 2 }
  store.hold(bad)
  store.hold(worse)
  store.hold({ ...bad, why: 'again' })
  assert.deepEqual(store.blocked(), [worse, { ...bad, why: 'again' }])
  assert.deepEqual(store.unblock('nothing'), [])
  assert.deepEqual(store.unblock('d3'), [worse])
  assert.deepEqual(store.unblock('time@sha256:22'), [{ ...bad, why: 'again' }])
  assert.deepEqual(store.blocked(), [])
  store.close()
})

test('a file that cannot be read is refused and kept', async () => {
  const path = join(folder, 'junk.db')
  await writeFile(path, 'this is no database, whatever its name says. '.repeat(50))
  assert.throws(() => open(path), /not a database/)
  const later = newPath()
  open(later).close()
  const database = new DatabaseSync(later)
  database.exec('PRAGMA user_version = 99')
  database.close()
  assert.throws(() => open(later), /later version/)
})

test('a journal that was tampered with is refused', () => {
  const path = newPath()
  const store = open(path)
  store.append('r-1', [started], leaseOf(store, ada))
  const database = new DatabaseSync(path)
  database.exec(`UPDATE events SET body = '{"type":"exploded"}'`)
  database.close()
  assert.throws(() => store.events('r-1'))
  assert.equal(store.list().length, 1)
  store.close()
})

test('a paused old controller cannot write after another one took over', () => {
  const path = newPath()
  const [old, young] = [open(path), open(path)]
  const first = leaseOf(old, ada)
  old.append('r-1', [started], first)
  assert.deepEqual(
    young.acquire({ owner: bob, operation: 'apply', nowMs: 29_999, epochFloor: 0 }),
    {
      ok: false,
      heldBy: { owner: ada, operation: 'test', sinceUnixMs: 0 },
    },
  )
  const second = leaseOf(young, bob, 30_000)
  assert.ok(second.epoch > first.epoch)
  assert.equal(old.append('r-1', [everyEvent.paused], first), 'fenced')
  assert.equal(old.renew(first, 30_001), null)
  old.release(first)
  assert.equal(young.append('r-1', [everyEvent.resumed], second), 'appended')
  assert.deepEqual(young.events('r-1'), [started, everyEvent.resumed])
  old.close()
  young.close()
})
