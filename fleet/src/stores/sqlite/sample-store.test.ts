import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { ClockSample } from '../../core/clock/sample.ts'
import { openSampleStore } from './sample-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-samples-'))
after(() => rm(folder, { recursive: true }))

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

test('what was appended comes back after the file was closed', () => {
  const path = join(folder, 'new/clock.db')
  const samples = [
    sample(1),
    sample(2, { verdict: 'unreachable', offsetSeconds: null, stratum: null, kiss: 'RATE' }),
  ]
  const first = openSampleStore(path)
  first.append([...samples, sample(1, { server: 'pi-2' })])
  first.close()
  const second = openSampleStore(path)
  assert.deepEqual(second.history('pi-1', 0, 100), samples)
  assert.deepEqual(second.history('pi-1', 2, 100), samples.slice(1))
  assert.deepEqual(second.history('pi-1', 0, 1), samples.slice(1))
  assert.deepEqual(second.history('nobody', 0, 100), [])
  second.close()
})

test('each server keeps at most so many samples, the newest', () => {
  const store = openSampleStore(':memory:', { maxAgeMs: 1e9, maxPerServer: 3 })
  for (let at = 1; at <= 10; at += 1) store.append([sample(at), sample(at, { server: 'pi-2' })])
  assert.deepEqual(
    store.history('pi-1', 0, 100).map(({ atUnixMs }) => atUnixMs),
    [8, 9, 10],
  )
  assert.equal(store.history('pi-2', 0, 100).length, 3)
  store.close()
})

test('samples above the age are dropped', () => {
  const store = openSampleStore(':memory:', { maxAgeMs: 5, maxPerServer: 100 })
  for (let at = 1; at <= 10; at += 1) store.append([sample(at)])
  assert.deepEqual(
    store.history('pi-1', 0, 100).map(({ atUnixMs }) => atUnixMs),
    [5, 6, 7, 8, 9, 10],
  )
  store.close()
})

test('two commands can write to one file', () => {
  const path = join(folder, 'shared.db')
  const [one, other] = [openSampleStore(path), openSampleStore(path)]
  one.append([sample(1)])
  other.append([sample(2)])
  assert.equal(one.history('pi-1', 0, 100).length, 2)
  one.close()
  other.close()
})

test('a file that is no database is put aside', async () => {
  const path = join(folder, 'junk.db')
  await writeFile(path, 'this is no database, whatever its name says. '.repeat(50))
  const store = openSampleStore(path)
  store.append([sample(1)])
  assert.equal(store.history('pi-1', 0, 100).length, 1)
  store.close()
})

test('an append that fails leaves nothing of itself', () => {
  const store = openSampleStore(':memory:')
  assert.throws(() => store.append([sample(1), sample(Number.NaN)]))
  assert.deepEqual(store.history('pi-1', 0, 100), [])
  store.append([sample(3)])
  assert.equal(store.history('pi-1', 0, 100).length, 1)
  store.close()
})
