import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rateLimit, type RateClock } from './limit-rate.ts'

/** Whoever waits is woken in the order of the times that they wait for. */
function clock(): RateClock & { run(): Promise<void>; now: number } {
  const waiting: { atMs: number; wake: () => void }[] = []
  const self = {
    now: 0,
    nowMs: () => self.now,
    wait: (ms: number) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ atMs: self.now + ms, wake: resolve })
      return promise
    },
    async run() {
      for (;;) {
        await new Promise(setImmediate)
        waiting.sort((a, b) => a.atMs - b.atMs)
        const next = waiting.shift()
        if (next === undefined) return
        self.now = next.atMs
        next.wake()
      }
    },
  }
  return self
}

test('sixteen devices at once get no more together than one alone, and each as much as another', async () => {
  const time = clock()
  const take = rateLimit(1_000, time)
  const sent: { device: number; atMs: number }[] = []
  const devices = Array.from({ length: 16 }, async (_, device) => {
    for (let piece = 0; piece < 10; piece += 1) {
      await take(100)
      sent.push({ device, atMs: time.now })
    }
  })
  await time.run()
  await Promise.all(devices)
  // The first piece goes at once, each of the others a tenth of a second after the one before.
  assert.deepEqual(
    sent.map(({ atMs }) => Math.round(atMs)),
    Array.from({ length: 160 }, (_, piece) => piece * 100),
  )
  const half = sent.slice(0, 80).map(({ device }) => device)
  for (let device = 0; device < 16; device += 1) {
    assert.equal(half.filter((each) => each === device).length, 5)
  }
})

test('time in which nobody sent is not made up for', async () => {
  const time = clock()
  const take = rateLimit(1_000, time)
  await take(1_000)
  time.now = 60_000
  await take(1_000)
  assert.equal(time.now, 60_000)
  const third = take(1_000)
  await time.run()
  await third
  assert.equal(time.now, 61_000)
})
