import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetOf, inventoryOf } from '../../../test/make-fleet.ts'
import { quietOutside } from '../../../test/outside.ts'
import { memoryEngine } from '../../engines/memory/memory-engine.ts'
import { ok } from '@timeball/lib/result.ts'
import { liveFleet } from './live-fleet.ts'

function nameOf(fleet: ReturnType<typeof fleetOf>): string {
  return fleet.devices[0]?.name ?? ''
}

/** Fleets of one device; `closed` tells whose engines were closed. */
async function live() {
  const closed: string[] = []
  let next = 'pi-1'
  const load = () => Promise.resolve(ok({ fleet: fleetOf(inventoryOf({ [next]: [] })) }))
  const fleet = await liveFleet((await load()).value, {
    load,
    open: ({ fleet }) => {
      const engine = memoryEngine(new Map())
      const close = async (): Promise<void> => void closed.push(nameOf(fleet))
      return Promise.resolve(quietOutside({}, { engine: { ...engine, close } }))
    },
    log() {},
  })
  return {
    fleet,
    closed,
    write: (name: string): void => {
      next = name
    },
    name: () => nameOf(fleet.fleet()),
  }
}

test('what runs goes on with its edition, and its engine stays open as long', async () => {
  const { fleet, closed, write, name } = await live()
  const over = Promise.withResolvers<void>()
  const running = fleet.use(async (edition) => {
    await over.promise
    assert.equal(edition.fleet.devices[0]?.name, 'pi-1')
  })
  write('pi-2')
  await fleet.refresh()
  assert.equal(name(), 'pi-2')
  await fleet.use(({ fleet: { devices } }) =>
    Promise.resolve(assert.equal(devices[0]?.name, 'pi-2')),
  )
  assert.deepEqual(closed, [])
  over.resolve()
  await running
  await fleet.close()
  assert.deepEqual(closed, ['pi-1', 'pi-2'])
})

test('closing waits for what runs', async () => {
  const { fleet, closed } = await live()
  const over = Promise.withResolvers<void>()
  const running = fleet.use(() => over.promise)
  const closing = fleet.close()
  assert.deepEqual(closed, [])
  over.resolve()
  await Promise.all([running, closing])
  assert.deepEqual(closed, ['pi-1'])
})
