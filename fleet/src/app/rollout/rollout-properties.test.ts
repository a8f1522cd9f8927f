/** What holds for every rollout, whatever the fleet is and whatever goes wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { replay } from '../../core/rollout/evolve.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import { countOf } from '../../core/rollout/parallel.ts'
import type { Wave } from '../../core/rollout/plan.ts'
import type { DeviceState } from '../../core/rollout/state.ts'
import { ailments } from './test/simulated-fleet.ts'
import {
  Crash,
  go,
  member,
  planOf,
  settingsFor,
  simulate,
  startSimulation,
  type Scenario,
  type Simulation,
} from './test/simulation.ts'

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    sources: fc.integer({ min: 1, max: 4 }),
    followers: fc.integer({ min: 0, max: 8 }),
    waveSize: fc.integer({ min: 1, max: 5 }),
    ills: fc.array(fc.tuple(fc.nat(11), fc.constantFrom(...ailments)), { maxLength: 3 }),
    bad: fc.array(fc.nat(11), { maxLength: 2 }),
    onAbort: fc.constantFrom('pause', 'rollback_wave', 'rollback_all'),
    failedTotal: fc.integer({ min: 1, max: 3 }),
    parallel: fc.integer({ min: 1, max: 4 }),
    links: fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }),
  })
  .map((shape): Scenario => {
    const sources = Array.from({ length: shape.sources }, (_, index) => member(`s${index}`))
    const followers = Array.from({ length: shape.followers }, (_, index) => {
      const first = (shape.links[index] ?? 0) % shape.sources
      const second = (first + 1) % shape.sources
      return member(`f${index}`, [...new Set([`s${first}`, `s${second}`])])
    })
    const order = [...followers, ...sources].map(({ device }) => device)
    const [canary, ...rest] = order
    const waves: Wave[] = [{ kind: 'canary', devices: canary === undefined ? [] : [canary] }]
    for (let at = 0; at < rest.length; at += shape.waveSize) {
      waves.push({ kind: 'wave', devices: rest.slice(at, at + shape.waveSize) })
    }
    const quorum = [sources, followers]
      .filter((members) => members.length > 0)
      .map((members) => ({
        name: members[0]?.role ?? '',
        members: members.map(({ device }) => device),
        minGood: Math.min(3, members.length - 1),
      }))
    const name = (index: number): string => order[index % order.length] ?? ''
    return {
      plan: planOf([...sources, ...followers], waves, quorum),
      settings: settingsFor({
        on_abort: shape.onAbort,
        max_parallel: shape.parallel,
        abort: { failed_total: shape.failedTotal },
      }),
      ailments: Object.fromEntries(shape.ills.map(([index, ill]) => [name(index), ill])),
      badBefore: new Set(shape.bad.map(name)),
    }
  })

const runs = { numRuns: 150 }

function holds(name: string, check: (simulation: Simulation, scenario: Scenario) => void): void {
  void test(name, async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => check(await simulate(scenario), scenario)),
      runs,
    )
  })
}

holds('good time is never taken away below the quorum', ({ fleet }) => {
  assert.deepEqual(fleet.broken, [])
})

holds('it ends or pauses, and says why', ({ state }) => {
  assert.ok(state.status.kind === 'ended' || state.status.kind === 'paused')
  if (state.status.kind === 'paused') assert.notEqual(state.status.why, '')
})

holds('the journal alone gives the same state', ({ state, events }) => {
  assert.deepEqual(replay(events), state)
})

holds('every device ends in exactly the release that the journal says', ({ fleet, state }) => {
  for (const { device, phase } of state.devices.values()) {
    const wanted = wantedRelease(phase)
    if (wanted !== null) assert.equal(fleet.release(device), wanted, `${device} is ${phase}`)
  }
})

holds(
  'what was rolled back is seen to serve before it counts as returned',
  ({ fleet, state, events }) => {
    const last = events.at(-1)
    for (const { device, phase } of state.devices.values()) {
      if (phase !== 'returned') continue
      assert.ok(fleet.serves(device), `${device} at ${last?.type}`)
      const seen = events.flatMap((each) =>
        'device' in each && each.device === device ? each.type : [],
      )
      assert.equal(seen.at(-1), 'verified')
    }
  },
)

function wantedRelease(phase: DeviceState['phase']): 'old' | 'new' | null {
  if (phase === 'healthy' || phase === 'settling') return 'new'
  return phase === 'returned' || phase === 'not-reached' || phase === 'waiting' ? 'old' : null
}

holds('never more devices in progress than max_parallel', ({ fleet }, { settings }) => {
  assert.ok(fleet.mostAtOnce() <= countOf(settings.max_parallel, 5))
})

holds('nothing is moved after it was decided to go back', ({ events }) => {
  const decided = events.findIndex(({ type }) => type === 'rolling-back')
  const after = decided === -1 ? [] : events.slice(decided)
  assert.ok(!after.some(({ type }) => type === 'move-intended' || type === 'wave-started'))
})

holds('no wave starts before all of the one before it came to an end', ({ events }) => {
  for (const [index, event] of events.entries()) {
    if (event.type !== 'wave-started') continue
    const state = replay(events.slice(0, index))
    const before = [...(state?.devices.values() ?? [])].filter(({ wave }) => wave < event.wave)
    assert.ok(
      before.every(({ phase }) => !['waiting', 'moving', 'settling', 'failed'].includes(phase)),
    )
    if (event.wave > 0) assert.ok(before.some(({ phase }) => phase === 'healthy'))
  }
})

holds('a device is moved once and put back once', ({ events }) => {
  for (const type of ['move-intended', 'return-intended'] as const) {
    const names = events.flatMap((event) => (event.type === type ? [event.device] : []))
    assert.equal(new Set(names).size, names.length)
  }
})

holds('the number of unhealthy devices never passes its bound', ({ state }, { settings }) => {
  const bad = [...state.devices.values()].filter(({ counted }) => counted !== null)
  // The last failure may find others under way: they were started before it was known.
  const bound =
    settings.abort.failed_total + settings.abort.lost_total + countOf(settings.max_parallel, 5)
  assert.ok(bad.length < bound)
})

test('killed at any record of the journal, it is taken up and comes to the same end', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, fc.constantFrom('before', 'after'), async (scenario, when) => {
      const whole = await simulate(scenario)
      for (let append = 1; append < whole.events.length; append += 1) {
        const { fleet, events } = startSimulation(scenario)
        try {
          await go(fleet, events, { append, when })
        } catch (error) {
          assert.ok(error instanceof Crash)
        }
        events.push({ type: 'resumed', atUnixMs: fleet.nowMs(), by: 'tester', why: 'crash' })
        const state = await go(fleet, events)
        assert.deepEqual(fleet.broken, [])
        assert.notEqual(state.status.kind, 'running')
        assertWhole((device) => fleet.release(device), state.devices.values())
      }
    }),
    { numRuns: 12 },
  )
})

function assertWhole(release: (device: string) => string, devices: Iterable<DeviceState>): void {
  for (const { device, phase } of devices) {
    const wanted = wantedRelease(phase)
    if (wanted !== null) assert.equal(release(device), wanted, `${device} is ${phase}`)
  }
}

test('the history of each device reads in order', async () => {
  const scenario = fc.sample(scenarios, { numRuns: 1, seed: 7 })[0]
  assert.ok(scenario)
  const { events } = await simulate(scenario)
  const times = events.map(({ atUnixMs }: RolloutEvent) => atUnixMs)
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
})
