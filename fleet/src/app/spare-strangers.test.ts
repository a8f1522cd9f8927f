/** Somebody else's servers are asked seldom, whatever sweeps and how often. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import { measured, silent } from '../core/clock/test/servers.ts'
import { correctnessInterval } from '../core/clock/votes.ts'
import type { ClockTarget } from '../ports/clock-world.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import { memorySamples } from '../stores/memory/sample-store.ts'
import { referenceServer } from './clock-servers.ts'
import { sparingStrangers, type HeldAnswers } from './spare-strangers.ts'

const { signal } = new AbortController()
const reference = { name: 'time.example', address: '192.0.2.1', port: 123 }
const request = { samples: 2, spacingMs: 2_100, isSigned: false } as const
const stranger: ClockTarget = { ...request, ...reference, stranger: reference.name }
const device: ClockTarget = { ...request, address: '192.0.2.2', port: 123, stranger: null }

/** Time passes only by `rig.atMs`. */
function rig(says: () => Swept) {
  const samples = memorySamples()
  const held: HeldAnswers = new Map()
  const said: string[] = []
  const state = {
    atMs: 0,
    setByMs: 0,
    asked: { stranger: 0, device: 0 },
    said,
    openSamples: (): Promise<SampleStore> => Promise.resolve(samples.open()),
  }
  const nowUnixMs = (): number => 1_795_000_000_000 + state.atMs + state.setByMs
  const sweep = sparingStrangers(
    {
      nowUnixMs,
      sweepClocks: (targets) => {
        for (const each of targets) state.asked[each.stranger === null ? 'device' : 'stranger'] += 1
        const answers = targets.map(({ address }) => ({
          address,
          addresses: [address],
          swept: { ...says(), sent: 2 },
        }))
        const startedUnixMs = nowUnixMs()
        return Promise.resolve({ answers, startedUnixMs, tookSeconds: 2, isStepped: false })
      },
    },
    {
      held,
      now: () => ({ atMs: state.atMs, wallAheadNs: BigInt(state.setByMs) * 1_000_000n }),
      openSamples: () => state.openSamples(),
      say: (line) => void said.push(line),
    },
  )
  return Object.assign(state, {
    /** What the sweep says of the stranger. */
    async sweep(): Promise<Swept> {
      const { answers } = await sweep([device, stranger, device], signal)
      assert.deepEqual([answers.length, answers[0]?.address], [3, device.address])
      const swept = answers[1]?.swept
      assert.ok(swept !== undefined)
      return swept
    },
    /** Another program, or this one started again. */
    forget: (): void => held.clear(),
  })
}

test('in a day of sweeps every 15 s a good reference is asked no more often than every 64 s', async () => {
  const day = rig(() => measured())
  let last = -Infinity
  for (; day.atMs < 86_400_000; day.atMs += 15_000) {
    const before = day.asked.stranger
    assert.ok((await day.sweep()).result.ok, 'the last answer is held')
    if (day.asked.stranger === before) continue
    assert.ok(day.atMs - last >= 64_000)
    last = day.atMs
  }
  assert.deepEqual(day.asked, { stranger: 1_152, device: 2 * 5_760 })
})

test('a held answer is wider by 15 ppm of its age, and what this clock was set by is taken out', async () => {
  const world = rig(() => measured({ offsetSeconds: 0.004, referenceAgeSeconds: 16 }))
  const first = await world.sweep()
  Object.assign(world, { atMs: 60_000, setByMs: 250 })
  const held = await world.sweep()
  assert.equal(world.asked.stranger, 1)
  const [before, after] = [first, held].map((swept) => {
    assert.ok(swept.result.ok)
    const server = referenceServer(reference, { address: reference.address, addresses: [], swept })
    const { low, high } = correctnessInterval({ server, measurement: swept.result.value })
    return {
      half: (high - low) / 2,
      middle: (high + low) / 2,
      age: swept.result.value.referenceAgeSeconds,
    }
  })
  assert.ok(before && after)
  assert.ok(Math.abs(after.half - before.half - 60 * 15e-6) < 1e-12)
  assert.ok(Math.abs(after.middle - before.middle + 0.25) < 1e-12)
  assert.equal(after.age, 76)
  assert.deepEqual([held.sent, held.lost], [0, 0])
})

test('silence is held as well, and a sweep that was cut short is not', async () => {
  const world = rig(() => silent())
  await world.sweep()
  world.atMs = 63_999
  await world.sweep()
  assert.equal(world.asked.stranger, 1)
  world.atMs = 64_000
  await world.sweep()
  assert.equal(world.asked.stranger, 2)
})

for (const code of ['DENY', 'RSTR', 'RATE']) {
  test(`${code} is remembered by every program that sweeps, and said with what to do`, async () => {
    const failure = { code: 'kiss', detail: `kiss-o'-death ${code}` } as const
    const world = rig(() => ({ ...silent(), kiss: code, result: { ok: false, failure } }))
    await world.sweep()
    world.forget()
    world.atMs = 40_000
    const { result, kiss } = await world.sweep()
    assert.deepEqual([world.asked.stranger, kiss], [1, code])
    assert.ok(!result.ok)
    assert.match(result.failure.detail, /clock\.references/)
    world.atMs = 120_000
    await world.sweep()
    assert.equal(world.asked.stranger, code === 'RATE' ? 2 : 1)
  })
}

test('a store that keeps nothing is told, and stops no sweep', async () => {
  const world = rig(() => ({ ...silent(), kiss: 'DENY' }))
  const kept = await world.openSamples()
  world.openSamples = () =>
    Promise.resolve({
      ...kept,
      append: () => Promise.reject(new Error('database or disk is full')),
    })
  await world.sweep()
  assert.match(world.said.join(), /time\.example.*database or disk is full/)
  assert.equal((await world.sweep()).kiss, 'DENY')
  assert.equal(world.asked.stranger, 1)
})
