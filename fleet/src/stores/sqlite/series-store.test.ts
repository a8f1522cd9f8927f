import assert from 'node:assert/strict'
import { mkdtempSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { ClockSample } from '../../core/clock/sample.ts'
import type { Step } from '../../core/clock/series.ts'
import type { SeriesStore } from '../../ports/series-store.ts'
import { openSeriesStore } from './series-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-series-'))
after(() => rmSync(folder, { recursive: true }))

const hour = 3_600_000
const begin = 1_795_000_000_000 - (1_795_000_000_000 % hour)

function sample(atUnixMs: number, change: Partial<ClockSample> = {}): ClockSample {
  return {
    server: 'pi-1',
    atUnixMs,
    verdict: 'truechimer',
    offsetSeconds: 0.001,
    errorSeconds: 0.002,
    delaySeconds: 0.000_3,
    stratum: 1,
    rootDispersionSeconds: 0.001,
    referenceAgeSeconds: 16,
    kiss: null,
    ...change,
  }
}

async function all(store: SeriesStore, step: Step, newest = 1_000) {
  return await store.points('pi-1', { step, sinceUnixMs: 0, untilUnixMs: 2e12, newest })
}

test('sweeps of one minute are one point of it, with mean, extremes and the largest error', async () => {
  const store = await openSeriesStore(':memory:')
  const unreachable = { verdict: 'unreachable', offsetSeconds: null, errorSeconds: null } as const
  await store.append([sample(begin), sample(begin, { server: 'pi-2' })])
  await store.append([sample(begin + 15_000, unreachable)])
  await store.append([sample(begin + 30_000, { offsetSeconds: -0.003, errorSeconds: 0.005 })])
  await store.append([sample(begin + 60_000, unreachable)])
  assert.deepEqual(await all(store, 'minute'), [
    {
      atUnixMs: begin,
      sweeps: 3,
      good: 2,
      offsetSeconds: -0.001,
      offsetMinSeconds: -0.003,
      offsetMaxSeconds: 0.001,
      errorSeconds: 0.005,
    },
    {
      atUnixMs: begin + 60_000,
      sweeps: 1,
      good: 0,
      offsetSeconds: null,
      offsetMinSeconds: null,
      offsetMaxSeconds: null,
      errorSeconds: null,
    },
  ])
  assert.deepEqual(
    (await all(store, 'hour')).map(({ sweeps }) => sweeps),
    [4],
  )
  assert.equal((await all(store, 'raw')).length, 4)
  await store.close()
})

test('sweeps are kept for a day, minutes for a month, hours for two years', async () => {
  const store = await openSeriesStore(':memory:')
  // One sweep each six hours, for three years.
  for (let at = begin; at < begin + 3 * 365 * 24 * hour; at += 6 * hour) {
    await store.append([sample(at)])
  }
  const counts = [
    await all(store, 'raw'),
    await all(store, 'minute'),
    await all(store, 'hour', 1e6),
  ]
  assert.deepEqual(
    counts.map(({ length }) => length),
    [5, 31 * 4 + 1, 731 * 4 + 1],
  )
  await store.close()
})

test('the newest points of a time come oldest first', async () => {
  const path = join(folder, 'series.db')
  const first = await openSeriesStore(path)
  for (let at = 0; at < 5; at += 1) await first.append([sample(begin + at * 60_000)])
  await first.close()
  const store = await openSeriesStore(path)
  const span = { sinceUnixMs: begin + 60_000, untilUnixMs: begin + 3 * 60_000 }
  const found = await store.points('pi-1', { step: 'minute', newest: 2, ...span })
  assert.deepEqual(
    found.map(({ atUnixMs }) => (atUnixMs - begin) / 60_000),
    [2, 3],
  )
  await store.close()
})

test('a file that is no database is put aside', async () => {
  const path = join(folder, 'broken.db')
  writeFileSync(path, 'this is no database, and long enough to be looked at as one '.repeat(40))
  const store = await openSeriesStore(path)
  await store.append([sample(begin)])
  assert.equal((await all(store, 'raw')).length, 1)
  assert.ok(existsSync(`${path}.unreadable`))
  await store.close()
})
