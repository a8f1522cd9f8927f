/** A whole rollout on models of devices: its controller is killed at each step of its journal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ok } from '@timeball/lib/result.ts'
import { fleetOf } from '../../../test/make-fleet.ts'
import { quietOutside, resolvedImage } from '../../../test/outside.ts'
import { stateDigest } from '../../core/desired/desired-state.ts'
import { openEpochs } from '../../core/rollout/epoch.ts'
import { replay } from '../../core/rollout/evolve.ts'
import type { RolloutEvent, RolloutRequest, Started } from '../../core/rollout/event.ts'
import { answerRequest } from '../../core/rollout/requests.ts'
import type { DeviceSight, GateVerdict } from '../../core/rollout/sight.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { DeviceModel } from '../../engines/memory/device-model.ts'
import { memoryEngine } from '../../engines/memory/memory-engine.ts'
import { memorySamples } from '../../stores/memory/sample-store.ts'
import { prepare, type Prepared } from '../prepare.ts'
import { moveDevice } from './move-device.ts'
import { recoverDevice, returnDevice } from './return-device.ts'
import { runRollout } from './run-rollout.ts'
import { takeInHand, type DeviceInHand, type RolloutTarget } from './target.ts'
import { Crash, crashingJournal, member, planOf, settingsFor } from './test/simulation.ts'
import { virtualClock } from './test/virtual-clock.ts'
import type { RolloutJournal, RolloutWorld } from './world.ts'

const fleet = fleetOf()
const old = resolvedImage
const newer = resolvedImage.replaceAll('a'.repeat(64), 'b'.repeat(64))
const never = new AbortController().signal
const settings = settingsFor()

const stratum1 = ['pi-gps-01', 'pi-gps-02']
const stratum2 = ['pi-ntp-01', 'pi-ntp-02']
const names = [...stratum1, ...stratum2]
const plan = planOf(
  [...stratum1.map((name) => member(name)), ...stratum2.map((name) => member(name, stratum1))],
  [
    { kind: 'canary', devices: ['pi-ntp-01'] },
    { kind: 'wave', devices: ['pi-ntp-02', 'pi-gps-01'] },
    { kind: 'wave', devices: ['pi-gps-02'] },
  ],
  [
    { name: 'stratum1', members: stratum1, minGood: 1 },
    { name: 'stratum2', members: stratum2, minGood: 1 },
  ],
)

/** Devices on which the newer release gives no good time. */
type Bad = ReadonlySet<string>

async function statesOf(image: string): Promise<Prepared['states']> {
  const outside = quietOutside(
    { API_KEY_1: 'canary-key-000001' },
    { resolveImage: () => Promise.resolve(ok(image)) },
  )
  const prepared = await prepare(fleet, fleet.devices, outside, { mode: 'change', signal: never })
  assert.ok(prepared.ok)
  return prepared.value.states
}

const [oldStates, newStates] = [await statesOf(old), await statesOf(newer)]

function digestsOf(states: Prepared['states']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...states].map(([name, state]) => [name, stateDigest(state, fleet.name)]),
  )
}

/** What an operator asks of the process at its so many-th look for requests. */
interface Asked {
  readonly action: RolloutRequest['action']
  readonly atLook: number
}

interface Scene {
  readonly models: ReadonlyMap<string, DeviceModel>
  readonly events: RolloutEvent[]
  /** A new process each time. */
  go(crash: Parameters<typeof crashingJournal>[1], asked?: Asked | null): Promise<RolloutState>
}

/** Four devices that have the old release as their first generation. */
async function beginning(bad: Bad): Promise<Scene> {
  const clock = virtualClock(Date.UTC(2026, 10, 23))
  const nowMs = (): number => clock.nowMs()
  const models = new Map(names.map((name) => [name, new DeviceModel(name, nowMs)]))
  const outside = quietOutside(
    {},
    {
      engine: memoryEngine(new Map([...models].map(([name, { answer }]) => [name, answer]))),
      nowMs,
      wait: (ms, signal) => clock.sleep(ms, signal),
    },
  )
  const oldDigests = digestsOf(oldStates)
  const started: Started & { readonly atUnixMs: number } = {
    type: 'started',
    atUnixMs: clock.nowMs(),
    rollout: 'r-1',
    fleet: fleet.name,
    by: 'ada@ops-1',
    why: '',
    release: {
      ...{ image: newer, imageAsWritten: newer, insteadOf: null, kind: 'image', digest: 'd' },
      states: digestsOf(newStates),
    },
    plan,
    settings,
    before: Object.fromEntries(
      names.map((name) => [
        name,
        { generation: 1, state: oldDigests[name] ?? null, reverted: null },
      ]),
    ),
    unreachable: [],
    settleLimitsMs: {},
    allowQuorumLoss: false,
    overrideFreeze: null,
  }
  const targetOf = (states: Prepared['states'], changed: Partial<Started> = {}): RolloutTarget => ({
    fleet,
    started: { ...started, ...changed },
    devices: new Map(
      fleet.devices.flatMap((device) => {
        const state = states.get(device.name)
        return state === undefined ? [] : [[device.name, { device, state }]]
      }),
    ),
    outside,
    samples: memorySamples().open(),
    policy: { reboot: 'never' },
    epochs: openEpochs(1, 'aaaaaaaa'),
    nowMs,
  })
  const first = targetOf(oldStates, {
    release: { ...started.release, states: oldDigests },
    before: {},
  })
  for (const name of names) {
    assert.equal(
      (await moveDevice(handOf(first, name), { isRepeated: false, reverted: null }, first)).type,
      'moved',
    )
  }
  const events: RolloutEvent[] = [started]
  return {
    models,
    events,
    async go(crash, asked = null) {
      const state = replay(events)
      assert.ok(state !== null)
      const world = worldOf(targetOf(newStates), state, { models, bad, clock })
      const journal = asking(crashingJournal(events, crash), asked)
      const run = { world, journal, stop: never, abort: never, by: 'ada', onChange: () => {} }
      return await runRollout(state, run)
    },
  }
}

function asking(journal: RolloutJournal, asked: Asked | null): RolloutJournal {
  let looks = 0
  return {
    ...journal,
    takeRequests() {
      looks += 1
      const isNow = asked !== null && looks === asked.atLook
      return Promise.resolve(isNow ? [{ action: asked.action, by: 'ada', why: '' }] : [])
    },
  }
}

function handOf(target: RolloutTarget, name: string): DeviceInHand {
  const hand = takeInHand(name, target, never)
  assert.ok(hand !== null)
  return hand
}

interface Around {
  readonly models: ReadonlyMap<string, DeviceModel>
  readonly bad: Bad
  readonly clock: ReturnType<typeof virtualClock>
}

/** What a rollout sees is said here; what it does is done on the models. */
function worldOf(target: RolloutTarget, atStart: RolloutState, around: Around): RolloutWorld {
  const { models, bad, clock } = around
  const sightOf = (name: string): DeviceSight => {
    const isBad = bad.has(name) && models.get(name)?.image === newer
    const gate: GateVerdict = isBad
      ? { verdict: 'fail', gate: 'container', detail: 'it exited' }
      : { verdict: 'pass' }
    const time = isBad ? 'bad' : 'good'
    return { time, gate, downtimeSeconds: 4, lastingSeconds: null, veto: null }
  }
  return {
    nowMs: () => clock.nowMs(),
    wait: (ms, signal) => clock.sleep(ms, signal),
    measure: () =>
      Promise.resolve({
        nowMs: clock.nowMs(),
        devices: new Map(names.map((name) => [name, sightOf(name)])),
        comparison: { verdict: 'pass', detail: '' },
        freeze: null,
      }),
    move: ({ device, step, reverted }) => {
      const isRepeated = atStart.devices.get(device)?.step === step
      return moveDevice(handOf(target, device), { isRepeated, reverted }, target)
    },
    rollBack: ({ device }) => returnDevice(handOf(target, device), target),
    recover: ({ device, errorsPerMinuteBefore }) =>
      recoverDevice(handOf(target, device), target, errorsPerMinuteBefore),
  }
}

function assertAll({ models }: Scene, image: string, what: string): void {
  for (const [name, model] of models) {
    const { pending, returning } = model.state
    assert.deepEqual([name, model.image, pending, returning], [name, image, null, null], what)
  }
}

function resultOf({ status }: RolloutState): string {
  return status.kind === 'ended' ? status.result : status.kind
}

/** Kills the controller at each append of its journal, and resumes once. */
async function killedAnywhere(bad: Bad, result: string, image: string): Promise<void> {
  const whole = await beginning(bad)
  assert.equal(resultOf(await whole.go(null)), result)
  assertAll(whole, image, 'undisturbed')
  for (let append = 1; append < whole.events.length; append += 1) {
    for (const when of ['before', 'after'] as const) {
      const what = `killed ${when} append ${append}`
      const scene = await beginning(bad)
      const hasEnded = await scene.go({ append, when }).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof Crash)) throw error
          return false
        },
      )
      if (!hasEnded) assert.equal(resultOf(await scene.go(null)), result, what)
      assertAll(scene, image, what)
    }
  }
}

test('a good release is on every device, wherever its controller is killed', async () => {
  await killedAnywhere(new Set(), 'done', newer)
})

test('a release that is bad on its canary is on no device, wherever its controller is killed', async () => {
  await killedAnywhere(new Set(['pi-ntp-01']), 'rolled_back', old)
})

/** By hand, where nothing runs: what the command line does under the lease. */
function askedByHand({ events }: Scene, action: RolloutRequest['action']): boolean {
  const state = replay(events)
  assert.ok(state !== null)
  const request = { action, by: 'ada', why: '' }
  const answer = answerRequest(request, state, {
    isRun: false,
    atUnixMs: events.at(-1)?.atUnixMs ?? 0,
  })
  if (answer.ok) events.push(answer.value)
  return answer.ok
}

/** What was journalled of each device is what it has. */
function assertAsJournalled({ models, events }: Scene): void {
  const state = replay(events)
  for (const [name, model] of models) {
    const { phase } = state?.devices.get(name) ?? {}
    const isNew = phase === 'healthy'
    const { pending, returning } = model.state
    assert.deepEqual(
      [name, model.image, pending, returning],
      [name, isNew ? newer : old, null, null],
      `${phase}`,
    )
  }
}

const actions = ['pause', 'resume', 'promote', 'abort', 'rollback'] as const
const anyAction = fc.constantFrom(...actions)
const anyAsked = fc.record({ action: anyAction, atLook: fc.integer({ min: 1, max: 60 }) })
const anyCrash = fc.option(
  fc.record({
    append: fc.integer({ min: 1, max: 30 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
)

test('whatever operators ask, whenever, and whatever is killed, it ends as they said', async () => {
  await fc.assert(
    fc.asyncProperty(anyAsked, anyCrash, anyAction, async (asked, crash, byHand) => {
      const scene = await beginning(new Set())
      await scene.go(crash, asked).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error
      })
      const before = scene.events.length
      const isTaken = askedByHand(scene, byHand)
      assert.equal(scene.events.length - before, isTaken ? 1 : 0)
      let state = await scene.go(null)
      if (state.status.kind === 'paused') {
        assert.ok(askedByHand(scene, 'resume'))
        state = await scene.go(null)
      }
      const result = resultOf(state)
      const was = (type: RolloutEvent['type']): boolean =>
        scene.events.some((event) => event.type === type)
      const back = was('returned') ? 'rolled_back' : 'aborted'
      assert.equal(result, was('rolling-back') ? back : 'done')
      if (byHand === 'rollback' && isTaken) assertAll(scene, old, 'rolled back by hand')
      if (result === 'done') assertAll(scene, newer, 'done')
      assertAsJournalled(scene)
    }),
    { numRuns: 150 },
  )
})
