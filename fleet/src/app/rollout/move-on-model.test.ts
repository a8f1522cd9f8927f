/**
 * One device forward and back, on the model of the applier: the connection dies, or the power goes,
 * at each message between controller and device.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '@timeball/lib/result.ts'
import { deviceOf, fleetOf } from '../../../test/make-fleet.ts'
import { quietOutside, resolvedImage } from '../../../test/outside.ts'
import { environmentPath } from '../../core/desired/paths.ts'
import { stateDigest } from '../../core/desired/desired-state.ts'
import { openEpochs } from '../../core/rollout/epoch.ts'
import { started } from '../../core/rollout/test/events.ts'
import { DeviceModel } from '../../engines/memory/device-model.ts'
import { memoryEngine, type MemoryDevice } from '../../engines/memory/memory-engine.ts'
import { memorySamples } from '../../stores/memory/sample-store.ts'
import { prepare } from '../prepare.ts'
import { moveDevice } from './move-device.ts'
import { recoverDevice, returnDevice } from './return-device.ts'
import type { ActionEvent } from './world.ts'
import { takeInHand, type DeviceInHand, type RolloutTarget } from './target.ts'

const name = 'pi-ntp-01'
const fleet = fleetOf()
const old = resolvedImage
const newer = resolvedImage.replaceAll('a'.repeat(64), 'b'.repeat(64))
const policy = { reboot: 'never' } as const
const signal = new AbortController().signal
const { confirm_timeout: confirmMs } = started.settings

/** `before` the device hears it, or `after` it did it, nobody answers any more; or its power goes. */
const faults = ['before', 'after', 'power'] as const
type Fault = (typeof faults)[number]

interface Hand {
  readonly device: DeviceModel
  readonly target: RolloutTarget
  hand(): DeviceInHand
  /** At so many messages from now. */
  strike(fault: Fault, message: number): void
  /** The device answers again, so much later. */
  heal(afterMs: number): void
}

/** A device that has the old release, in a rollout to the newer one. */
async function inRollout(): Promise<Hand> {
  let nowMs = 0
  let next: { readonly fault: Fault; readonly message: number } | null = null
  let messages = 0
  let image = old
  const device = new DeviceModel(name, () => nowMs)
  const answer: MemoryDevice = (request) => {
    messages += 1
    if (next === null || messages < next.message) return device.answer(request)
    if (messages === next.message && next.fault !== 'before') {
      const answered = device.answer(request)
      if (next.fault === 'after') device.isOnline = false
      else device.powerCycle()
      assert.ok(answered)
    } else if (next.fault === 'power') return device.answer(request)
    return [{ code: 'unreachable', detail: 'no answer' }]
  }
  const environment = { API_KEY_1: 'key-of-before' }
  const outside = quietOutside(environment, {
    engine: memoryEngine(new Map([[name, answer]])),
    resolveImage: () => Promise.resolve(ok(image)),
    nowMs: () => nowMs,
    wait: (ms) => {
      nowMs += ms
      return Promise.resolve()
    },
  })
  const stateOf = async (of: string) => {
    image = of
    const prepared = await prepare(fleet, fleet.devices, outside, { mode: 'change', signal })
    const state = prepared.ok ? prepared.value.states.get(name) : undefined
    assert.ok(state !== undefined)
    return state
  }
  const before = await stateOf(old)
  environment.API_KEY_1 = 'key-of-today'
  const state = await stateOf(newer)
  const digests = [before, state].map((each) => stateDigest(each, fleet.name))
  const [beforeDigest = '', digest = ''] = digests
  const targetOf = (generation: number): RolloutTarget => ({
    fleet,
    started: {
      ...started,
      release: { ...started.release, states: { [name]: generation === 0 ? beforeDigest : digest } },
      before: {
        [name]: { generation, state: generation === 0 ? null : beforeDigest, reverted: null },
      },
    },
    devices: new Map([
      [name, { device: deviceOf(fleet, name), state: generation === 0 ? before : state }],
    ]),
    outside,
    samples: memorySamples().open(),
    policy,
    epochs: openEpochs(1, 'aaaaaaaa'),
    nowMs: () => nowMs,
  })
  const handOf = (target: RolloutTarget): DeviceInHand => {
    const hand = takeInHand(name, target, signal)
    assert.ok(hand !== null)
    return hand
  }
  const first = targetOf(0)
  assert.equal((await moveDevice(handOf(first), afresh, first)).type, 'moved')
  const target = targetOf(1)
  return {
    device,
    target,
    hand: () => handOf(target),
    strike(fault, message) {
      next = { fault, message: messages + message }
    },
    heal(afterMs) {
      next = null
      device.isOnline = true
      nowMs += afterMs
    },
  }
}

/** After the looks. */
const applyMessage = 4
const confirmMessage = 5

const afresh = { isRepeated: false, reverted: null } as const

/** As one that takes up what was begun: told of a revert, the next look goes on. */
async function moveAgain(rollout: Hand): Promise<readonly ActionEvent[]> {
  const { target } = rollout
  const first = await moveDevice(rollout.hand(), { isRepeated: true, reverted: null }, target)
  if (first.type !== 'reverted') return [first]
  const { generation: reverted } = first
  return [first, await moveDevice(rollout.hand(), { isRepeated: true, reverted }, target)]
}

/** More than a move or a return has. */
const lastMessage = 9

interface Struck {
  readonly rollout: Hand
  readonly strike: () => void
  readonly heal: () => void
  /** Which fault it is, for messages. */
  readonly what: string
}

/** Each in a rollout of its own. */
async function eachFault(work: (struck: Struck) => Promise<void>): Promise<void> {
  for (const fault of faults) {
    for (let message = 1; message <= lastMessage; message += 1) {
      for (const afterMs of [0, confirmMs * 2]) {
        const rollout = await inRollout()
        await work({
          rollout,
          strike: () => rollout.strike(fault, message),
          heal: () => rollout.heal(afterMs),
          what: `${fault} message ${message}, again after ${afterMs} ms`,
        })
      }
    }
  }
}

function assertSettled({ device }: Hand, image: string, what: string): void {
  const { pending, returning } = device.state
  assert.deepEqual([device.image, pending, returning], [image, null, null], what)
}

test('a move that is cut at any message is done by one more, and nothing stays pending', async () => {
  await eachFault(async ({ rollout, strike, heal, what }) => {
    strike()
    await moveDevice(rollout.hand(), afresh, rollout.target)
    heal()
    const again = await moveAgain(rollout)
    assert.equal(again.at(-1)?.type, 'moved', `${what}: ${JSON.stringify(again)}`)
    assertSettled(rollout, newer, what)
  })
})

function keyOf({ device }: Hand): string | undefined {
  return device.state.machine.files.get(environmentPath)?.content.split('\n')[1]
}

test('a device goes back with the keys of today, and keeps its own before it was confirmed', async () => {
  const unconfirmed = await inRollout()
  unconfirmed.strike('before', confirmMessage)
  await moveDevice(unconfirmed.hand(), afresh, unconfirmed.target)
  unconfirmed.heal(0)
  assert.equal((await returnDevice(unconfirmed.hand(), unconfirmed.target)).type, 'returned')
  assert.equal(keyOf(unconfirmed), 'API_KEY_1=key-of-before')
  const moved = await inRollout()
  await moveDevice(moved.hand(), afresh, moved.target)
  assert.equal((await returnDevice(moved.hand(), moved.target)).type, 'returned')
  assertSettled(moved, old, 'it went back')
  assert.equal(keyOf(moved), 'API_KEY_1=key-of-today')
})

test('what is at work on a device is waited for and taken over, not taken back', async () => {
  const rollout = await inRollout()
  const { device, target } = rollout
  device.cut = 'during'
  rollout.strike('after', applyMessage)
  assert.equal((await moveDevice(rollout.hand(), afresh, target)).type, 'lost')
  rollout.heal(0)
  assert.deepEqual([device.image, device.state.done.at(-1)], [old, 'confirm'])
  const again = await moveAgain(rollout)
  assert.deepEqual(
    again.map(({ type }) => type),
    ['moved'],
  )
  assertSettled(rollout, newer, 'taken over')
  assert.ok(!device.state.done.includes('revert'))
})

test('a change that takes long is waited for, also when its connection is cut', async () => {
  const rollout = await inRollout()
  const { device, target } = rollout
  device.cut = 'during'
  device.workMs = confirmMs * 5
  assert.equal((await moveDevice(rollout.hand(), afresh, target)).type, 'moved')
})

test('a change that nobody confirmed in time is reverted, told, and made again', async () => {
  const rollout = await inRollout()
  rollout.strike('after', applyMessage)
  await moveDevice(rollout.hand(), afresh, rollout.target)
  rollout.heal(confirmMs * 2)
  const again = await moveAgain(rollout)
  assert.deepEqual(
    again.map((event) => [event.type, 'detail' in event ? event.detail : '']),
    [
      ['reverted', 'it was not confirmed in time'],
      ['moved', ''],
    ],
  )
  assertSettled(rollout, newer, 'moved again')
})

test('a return that is cut at any message is ended by one more, and never falls back', async () => {
  await eachFault(async ({ rollout, strike, heal, what }) => {
    await moveDevice(rollout.hand(), afresh, rollout.target)
    strike()
    await returnDevice(rollout.hand(), rollout.target)
    const isBack = rollout.device.image === old
    heal()
    if (isBack) assert.equal(rollout.device.image, old, `${what}: it stays back`)
    const again = await returnDevice(rollout.hand(), rollout.target)
    assert.equal(again.type, 'returned', `${what}: ${JSON.stringify(again)}`)
    assertSettled(rollout, old, what)
  })
})

test('a device that was lost in a move is known for what it is when it answers again', async () => {
  await eachFault(async ({ rollout, strike, heal, what }) => {
    strike()
    await moveDevice(rollout.hand(), afresh, rollout.target)
    heal()
    const found = await recoverDevice(rollout.hand(), rollout.target, null)
    const image = found?.type === 'returned' ? old : newer
    assert.match(found?.type ?? '', /^(returned|moved)$/, what)
    assertSettled(rollout, image, what)
  })
})

test('a release that does not come up is not on the device afterwards', async () => {
  const rollout = await inRollout()
  rollout.device.canRun = (image) => image !== newer
  const moved = await moveDevice(rollout.hand(), afresh, rollout.target)
  assert.equal(moved.type, 'move-failed')
  assertSettled(rollout, old, 'reverted')
})
