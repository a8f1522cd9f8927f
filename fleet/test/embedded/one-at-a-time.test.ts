/** One operation at a time changes a fleet, and what was rolled back is not applied again. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import type { LeaseHolder } from '../../src/core/rollout/lease.ts'
import { started } from '../../src/core/rollout/test/events.ts'
import { openRolloutStore } from '../../src/stores/sqlite/rollout-store.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded)
const file = join(dirname(embedded.fleetYamlPath), '.timeball/state.db')
const stranger = { host: 'ops-2', pid: 4711, processStart: '' }

function wasTouched(name: string): boolean {
  return existsSync(join(embedded.device(name).root, 'var/lib/timeball/current'))
}

test('while another operation has the fleet, apply says which and changes nothing', async () => {
  const store = await openRolloutStore(file, () => true)
  const wish = { owner: stranger, operation: 'rollout r-7', epochFloor: 0 }
  const acquired = await store.acquire({ ...wish, nowMs: Date.now() })
  assert.ok(acquired.ok)
  const { exit, stderr } = await controller.run('apply --yes')
  assert.equal(exit, 6)
  assert.match(stderr, /being changed by rollout r-7 on ops-2 \(process 4711\), since 2\d{3}-/)
  assert.ok(!wasTouched('pi-gps-01'))
  await store.release(acquired.lease)
  await store.close()
})

test('apply has the fleet while it works, and gives it back', async () => {
  const store = await openRolloutStore(file, () => true)
  const looks: Promise<LeaseHolder | null>[] = []
  const { exit, stdout, stderr } = await controller.run('apply --yes', {
    onSay: (line) => {
      if (line.endsWith(': applying')) looks.push(store.holder(Date.now()))
    },
  })
  assert.equal(exit, 0, stdout + stderr)
  assert.deepEqual(
    [...new Set((await Promise.all(looks)).map((holder) => holder?.operation))],
    ['apply'],
  )
  assert.equal(await store.holder(Date.now()), null)
  await store.close()
})

test('a blocked release is not applied, and the way to unblock it is told', async () => {
  const { stdout } = await controller.run('plan --json')
  const wanted = /"image":"([^"]+)"/.exec(stdout)?.[1]
  assert.ok(wanted !== undefined, stdout)
  const store = await openRolloutStore(file, () => true)
  const why = 'pi-ntp-01 was 50 ms off'
  await store.block({
    ...started.release,
    image: wanted,
    rollout: 'r-1',
    why,
    atUnixMs: Date.now(),
  })
  assert.equal((await controller.run('apply --yes')).exit, 0, 'nothing to change is no conflict')
  const blocked = await controller.run('apply --yes', {
    environment: { API_KEY_1: 'another-key-0002' },
  })
  assert.equal(blocked.exit, 6)
  assert.match(
    blocked.stderr,
    /blocked, because rollout r-1 of it was rolled back: pi-ntp-01 was 50 ms off/,
  )
  assert.match(blocked.stderr, /timeball rollout unblock d2/)
  await store.unblock('d2')
  await store.close()
})
