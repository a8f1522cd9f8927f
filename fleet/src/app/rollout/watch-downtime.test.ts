import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as setImmediatePromise } from 'node:timers/promises'
import { fleetOf } from '../../../test/make-fleet.ts'
import { goodMeasurement } from '../../core/health/test/healthy.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { watchDowntime } from './watch-downtime.ts'

type Found = 'good' | 'refused' | 'unsynchronised' | 'no-answer'

/** The change is made while the first probe is out; `finds` are what the probes find, in order. */
async function watched(finds: readonly Found[]): Promise<{
  downtimeSeconds: number | null
  lastingSeconds: number | null
  pausesMs: number[]
}> {
  const [device] = fleetOf().devices
  assert.ok(device)
  const left = [...finds]
  const pausesMs: number[] = []
  const allAsked = Promise.withResolvers<void>()
  let nowMs = 0
  const watch = watchDowntime(
    device,
    {
      nowMs: () => nowMs,
      probeNtp() {
        const found = left.shift() ?? 'no-answer'
        if (left.length === 0) setImmediate(allAsked.resolve)
        const isGood = found === 'good'
        return Promise.resolve(isGood ? ok(goodMeasurement()) : fail({ code: found, detail: '' }))
      },
      async wait(ms: number) {
        pausesMs.push(ms)
        nowMs += ms
        await setImmediatePromise()
      },
    },
    AbortSignal.timeout(10_000),
  )
  watch.changed()
  await allAsked.promise
  watch.stop()
  const downtimeSeconds = watch.downtimeSeconds()
  return { downtimeSeconds, lastingSeconds: watch.lastingSeconds(), pausesMs }
}

test('a daemon that starts is asked no more often than its rate limit lets it', async () => {
  const { pausesMs } = await watched(['good', 'refused', 'unsynchronised', 'no-answer', 'good'])
  assert.deepEqual(pausesMs, [2_000, 250, 1_500, 1_500])
})

test('the gap is from the last good answer to the next', async () => {
  const { downtimeSeconds } = await watched([
    'good',
    'refused',
    'refused',
    'unsynchronised',
    'good',
  ])
  assert.equal(downtimeSeconds, 4)
})

test('what lasts is known while it lasts', async () => {
  const { lastingSeconds } = await watched(['good', 'refused', 'no-answer', 'no-answer'])
  assert.ok(lastingSeconds !== null && lastingSeconds >= 3.75, String(lastingSeconds))
  assert.equal((await watched(['good', 'refused', 'good'])).lastingSeconds, null)
})

test('there is no gap before a good answer came after the change', async () => {
  assert.equal((await watched(['good', 'refused', 'refused'])).downtimeSeconds, null)
})
