import assert from 'node:assert/strict'
import { nothingKnown } from '../../core/backup/memory.ts'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fleetOf, inventoryOf } from '../../../test/make-fleet.ts'
import { quietOutside } from '../../../test/outside.ts'
import { sampleOf, type ClockSample } from '../../core/clock/sample.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import { clockServer, judged, measured, rowsOf, silent } from '../../core/clock/test/servers.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Outside } from '../outside.ts'
import { memorySamples } from '../../stores/memory/sample-store.ts'
import { attainments } from './attainments.ts'
import { eventHub } from './event-hub.ts'
import { createController, type Controller } from './controller.ts'
import { keepSamples } from './keep-samples.ts'
import { liveFleet } from './live-fleet.ts'

const key = { API_KEY_1: 'a-good-key-000001' }

/** A world in which time passes only while somebody waits. `onWait` is told how often that was. */
class World {
  readonly fleetFiles: Result<{ readonly fleet: Fleet }, readonly Problem[]>[] = [
    ok({ fleet: fleetOf() }),
  ]
  readonly said: string[] = []
  readonly closed: string[] = []
  readonly stop = new AbortController()
  readonly store = memoryStore()
  nowMs = 0
  sweeps = 0
  waits = 0
  onWait: (count: number) => void | Promise<void> = () => {}
  change: Partial<Outside> = {}

  outside(): Outside {
    const quiet = quietOutside(key)
    return {
      ...quiet,
      nowMs: () => this.nowMs,
      wait: async (ms) => {
        this.nowMs += ms
        this.waits += 1
        await this.onWait(this.waits)
        // What was begun beside the sweeps gets its turn, as it would in real time.
        await setImmediate()
      },
      sweepClocks: (targets) => {
        this.sweeps += 1
        const answers = targets.map(({ address }) => {
          return { address, addresses: [], swept: measured({ refid: address }) }
        })
        const startedUnixMs = 1_795_000_000_000 + this.nowMs
        return Promise.resolve({ answers, startedUnixMs, tookSeconds: 0.1, isStepped: false })
      },
      ...this.change,
    }
  }

  async controller(): Promise<Controller> {
    const [first] = this.fleetFiles
    assert.ok(first?.ok)
    const log = (line: string): void => void this.said.push(line)
    const live = await liveFleet(first.value, {
      load: () => Promise.resolve(this.fleetFiles.at(-1) ?? first),
      open: () => Promise.resolve(this.outside()),
      log,
    })
    return createController({
      version: '0.1.0',
      live,
      time: this.outside(),
      store: this.store,
      backups: () => Promise.resolve(nothingKnown),
      schedules: () => Promise.resolve([]),
      rollouts: () => Promise.resolve({ newest: null, blocked: null, waiting: null, still: null }),
      sweepEveryMs: 15_000,
      lookEveryMs: 60_000,
      events: eventHub('test'),
      series: { append: () => Promise.resolve() },
      hide() {},
      log,
    })
  }
}

function memoryStore(): SampleStore & { readonly samples: ClockSample[] } {
  const samples: ClockSample[] = []
  return {
    ...memorySamples().open(),
    samples,
    append: async (more) => void samples.push(...more),
    history: async (server) => samples.filter((sample) => sample.server === server),
  }
}

test('it knows nothing before it runs, and the clocks after one sweep', async () => {
  const world = new World()
  const controller = await world.controller()
  assert.equal((await controller.view()).clocks, null)
  assert.equal(controller.health().status, 'starting')
  world.onWait = () => world.stop.abort()
  await controller.run(world.stop.signal)
  assert.equal((await controller.view()).clocks?.rows.length, 4)
  assert.equal(controller.health().status, 'ok')
})

test('clocks are swept at each interval, and devices are looked at less often', async () => {
  const world = new World()
  let looks = 0
  world.change = {
    resolveImage: () => {
      looks += 1
      return Promise.resolve(fail({ code: 'image-failed', detail: 'no registry' }))
    },
  }
  const controller = await world.controller()
  world.onWait = (count) => {
    if (count === 9) world.stop.abort()
  }
  await controller.run(world.stop.signal)
  assert.equal(world.sweeps, 9)
  assert.equal(looks, 3)
  const seen = [...(await controller.view()).devices.values()].map(({ isReachable }) => isReachable)
  assert.deepEqual(seen, [false, false, false, false])
})

test('one sweep a minute is kept, so that a month of them is', async () => {
  const world = new World()
  const controller = await world.controller()
  world.onWait = (count) => {
    if (count === 9) world.stop.abort()
  }
  await controller.run(world.stop.signal)
  assert.equal(world.store.samples.filter(({ server }) => server === 'pi-gps-01').length, 3)
})

test('files that are changed are taken over between two sweeps', async () => {
  const world = new World()
  const controller = await world.controller()
  const smaller = fleetOf(inventoryOf({ 'pi-7': ['gps_enabled: yes'] }))
  world.onWait = (count) => {
    if (count === 1) world.fleetFiles.push(ok({ fleet: smaller }))
    else world.stop.abort()
  }
  await controller.run(world.stop.signal)
  const servers = (await controller.view()).clocks?.rows.map(
    ({ judgement }) => judgement.server.name,
  )
  assert.deepEqual(servers, ['pi-7'])
  assert.ok(world.said.includes("the fleet's files have changed: 1 devices"), world.said.join('\n'))
})

test('mistakes in the files are told once, and the old fleet stays until they are gone', async () => {
  const world = new World()
  const controller = await world.controller()
  const mistake = { file: 'fleet.yaml', line: 3, column: 1, what: 'unknown key', fix: null }
  const stale: boolean[] = []
  world.onWait = async (count) => {
    stale.push((await controller.view()).isFleetStale)
    if (count === 1) world.fleetFiles.push(fail([mistake]))
    if (count === 3) world.fleetFiles.push(ok({ fleet: fleetOf() }))
    if (count === 4) world.stop.abort()
  }
  await controller.run(world.stop.signal)
  assert.deepEqual(stale, [false, true, true, false])
  assert.equal((await controller.view()).fleet.devices.length, 4)
  assert.equal(world.said.filter((line) => line.includes('fleet.yaml:3:1: unknown key')).length, 1)
})

test('a sweep that is cut short says nothing about the servers', async () => {
  const world = new World()
  world.change = {
    sweepClocks: (targets) => {
      world.stop.abort()
      const answers = targets.map(() => ({ address: null, addresses: [], swept: silent() }))
      return Promise.resolve({ answers, startedUnixMs: 1, tookSeconds: 0, isStepped: false })
    },
  }
  const controller = await world.controller()
  await controller.run(world.stop.signal)
  assert.equal((await controller.view()).clocks, null)
  assert.deepEqual(world.store.samples, [])
})

function sampleAt(server: string, atUnixMs: number): ClockSample {
  const [judgement] = judged([clockServer(server)]).judgements
  assert.ok(judgement)
  return sampleOf(judgement, atUnixMs)
}

test('a disk that is full is told once, and no reason to stop measuring', async () => {
  const said: string[] = []
  const full: SampleStore = {
    ...memoryStore(),
    append: () => Promise.reject(new Error('database or disk is full')),
  }
  const store = keepSamples(full, { nowMs: () => 0, log: (line) => void said.push(line) })
  await store.append([sampleAt('pi-0', 0)])
  await store.append([sampleAt('pi-0', 0)])
  assert.deepEqual(said, ['samples are not kept: database or disk is full'])
})

test('of each server one sample a minute is kept, whenever it was asked', async () => {
  const kept = memoryStore()
  let nowMs = 0
  const store = keepSamples(kept, { nowMs: () => nowMs, log: assert.fail })
  for (; nowMs <= 150_000; nowMs += 15_000) {
    const isAsked = nowMs % 75_000 === 0
    const servers = isAsked ? ['pi-0', 'reference'] : ['pi-0']
    await store.append(servers.map((server) => sampleAt(server, nowMs)))
  }
  const times = (name: string): number[] =>
    kept.samples.filter(({ server }) => server === name).map(({ atUnixMs }) => atUnixMs)
  assert.deepEqual(times('pi-0'), [0, 60_000, 120_000])
  assert.deepEqual(times('reference'), [0, 75_000, 150_000])
})

test('the objectives of many servers are counted a few at a time, and all in the end', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `pi-${index}`)
  const rows = rowsOf(judged(names.map((name) => clockServer(name))))
  const attain = attainments(memoryStore())
  const known = async (): Promise<number> =>
    (await attain(rows, fleetOf().settings, 0)).filter(({ attainment }) => attainment !== null)
      .length
  assert.deepEqual([await known(), await known(), await known()], [4, 8, 10])
})
