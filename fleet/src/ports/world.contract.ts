/** What every world promises: nothing outside makes a use case throw, or wait when it is called off. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Result } from '@timeball/lib/result.ts'
import type { Device } from '../core/device/device.ts'
import { Secret } from '../core/secrets/secret.ts'
import type { World } from './world.ts'

/** A port of this machine at which nobody listens. */
const nobody = 1
const hourMs = 3_600_000

type Ask = (world: World, device: Device, signal: AbortSignal) => Promise<Result<unknown, unknown>>

const questions: Readonly<Record<string, Ask>> = {
  'a registry': (world, _device, signal) =>
    world.resolveImage(`127.0.0.1:${nobody}/time:1`, true, signal),
  'a time server over HTTP': (world, device, signal) => world.probeHttp(device, signal),
  'the metrics of a time server': async (world, device, signal) =>
    (await world.probeContract(device, signal)).metrics,
  'the API of a time server': async (world, device, signal) =>
    (await world.probeContract(device, signal)).keyless,
  'the key of a time server': (world, device, signal) =>
    world.probeKey(device, new Secret('API_KEY_1', 'some-key-1'), signal),
  'a time server over NTP': (world, device, signal) => world.probeNtp(device, 1, signal),
  Prometheus: (world, { name }, signal) =>
    world.queryPrometheus(`http://127.0.0.1:${nobody}`, 'up', { device: name, signal }),
}

/** `device`: of any fleet; where it is does not matter. */
export function worldContract(name: string, world: World, device: Device): void {
  const absent = {
    ...device,
    address: '127.0.0.1',
    httpPort: nobody,
    metricsPort: nobody,
    ntpPort: nobody,
  }
  const { signal: never } = new AbortController()
  const over = AbortSignal.abort()

  describe(`the ${name} world`, () => {
    for (const [whom, ask] of Object.entries(questions)) {
      test(`${whom} that does not answer is a failure, and nothing is thrown`, async () => {
        assert.equal((await ask(world, absent, never)).ok, false)
      })
      test(`${whom} is not waited for when the question was called off`, async () => {
        assert.equal((await ask(world, absent, over)).ok, false)
      })
    }

    test('an Alertmanager that does not answer is a failure in words', async () => {
      const url = `http://127.0.0.1:${nobody}`
      const silence = { labels: {}, startsUnixMs: 0, endsUnixMs: 1, createdBy: 'ada', comment: '' }
      for (const told of [
        await world.silence.begin(url, silence),
        await world.silence.end(url, '7'),
      ]) {
        assert.ok(!told.ok)
        assert.notEqual(told.failure, '')
      }
    })

    test('a sweep of nobody has no answers', async () => {
      assert.deepEqual((await world.sweepClocks([], never)).answers, [])
    })

    test('a nonce is 32 hexadecimal digits, and never comes twice', () => {
      const nonces = Array.from({ length: 100 }, () => world.newNonce())
      assert.equal(new Set(nonces).size, nonces.length)
      for (const nonce of nonces) assert.match(nonce, /^[0-9a-f]{32}$/)
    })

    test('its time does not run backwards', () => {
      const times = Array.from({ length: 100 }, () => world.nowMs())
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      )
    })

    test('a wait that is called off ends, without an error', async () => {
      await world.wait(hourMs, over)
      const stop = new AbortController()
      const waiting = world.wait(hourMs, stop.signal)
      stop.abort()
      await waiting
    })
  })
}
