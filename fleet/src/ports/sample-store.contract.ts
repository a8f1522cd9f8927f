/** What every sample store promises. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ClockSample, Retention } from '../core/clock/sample.ts'
import type { SampleStore } from './sample-store.ts'

export interface Samples {
  /** A handle, as another command has it. */
  open(retention?: Retention): Promise<SampleStore>
}

function sample(atUnixMs: number, change: Partial<ClockSample> = {}): ClockSample {
  return {
    server: 'pi-1',
    atUnixMs,
    verdict: 'truechimer',
    offsetSeconds: 0.000_1,
    errorSeconds: 0.000_4,
    delaySeconds: 0.000_3,
    stratum: 1,
    rootDispersionSeconds: 0.001,
    referenceAgeSeconds: 16,
    kiss: null,
    ...change,
  }
}

async function times(store: SampleStore): Promise<readonly number[]> {
  return (await store.history('pi-1', 0, 100)).map(({ atUnixMs }) => atUnixMs)
}

/** `start` makes a new, empty one. */
export function sampleStoreContract(name: string, start: () => Promise<Samples>): void {
  describe(`the ${name} sample store`, () => {
    test('what was appended comes back, also by another handle', async () => {
      const state = await start()
      const samples = [
        sample(1),
        sample(2, { verdict: 'unreachable', offsetSeconds: null, stratum: null, kiss: 'RATE' }),
      ]
      const first = await state.open()
      await first.append([...samples, sample(1, { server: 'pi-2' })])
      await first.close()
      const second = await state.open()
      assert.deepEqual(await second.history('pi-1', 0, 100), samples)
      assert.deepEqual(await second.history('pi-1', 2, 100), samples.slice(1))
      assert.deepEqual(await second.history('pi-1', 0, 1), samples.slice(1))
      assert.deepEqual(await second.history('nobody', 0, 100), [])
      await second.close()
    })

    test('each server keeps at most so many samples, the newest', async () => {
      const store = await (await start()).open({ maxAgeMs: 1e9, maxPerServer: 3 })
      for (let at = 1; at <= 10; at += 1) {
        await store.append([sample(at), sample(at, { server: 'pi-2' })])
      }
      assert.deepEqual(await times(store), [8, 9, 10])
      assert.equal((await store.history('pi-2', 0, 100)).length, 3)
      await store.close()
    })

    test('samples above the age are dropped', async () => {
      const store = await (await start()).open({ maxAgeMs: 5, maxPerServer: 100 })
      for (let at = 1; at <= 10; at += 1) await store.append([sample(at)])
      assert.deepEqual(await times(store), [5, 6, 7, 8, 9, 10])
      await store.close()
    })

    test('two commands can write to one, and the later word on an instant counts', async () => {
      const state = await start()
      const [one, other] = [await state.open(), await state.open()]
      await one.append([sample(1), sample(2)])
      await other.append([sample(2, { stratum: 3 })])
      assert.deepEqual(await one.history('pi-1', 0, 100), [sample(1), sample(2, { stratum: 3 })])
      await one.close()
      await other.close()
    })

    test('an append that fails leaves nothing of itself', async () => {
      const store = await (await start()).open()
      await assert.rejects(store.append([sample(1), sample(Number.NaN)]))
      assert.deepEqual(await times(store), [])
      await store.append([sample(3)])
      assert.deepEqual(await times(store), [3])
      await store.close()
    })
  })
}
