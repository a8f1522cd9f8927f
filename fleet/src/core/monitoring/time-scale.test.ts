import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDurationMs } from '@timeball/lib/duration.ts'
import { formatDuration } from '@timeball/lib/duration.ts'
import { timeScaleOf } from './time-scale.ts'

test('a duration is written in the largest unit that keeps it whole', () => {
  const cases = { 1: '1ms', 1500: '1500ms', 90_000: '90s', 120_000: '2m', 86_400_000: '1d' }
  for (const [ms, text] of Object.entries(cases)) assert.equal(formatDuration(Number(ms)), text)
})

test('what is written is read as the same duration', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), (ms) => {
      assert.equal(parseDurationMs(formatDuration(ms)), ms)
    }),
  )
})

test('time that is compressed leaves a window of a few scrapes', () => {
  const scale = timeScaleOf({ time_scale: 0.01, scrape_interval: 1_000 })
  assert.equal(scale.duration(120_000), '1200ms')
  assert.equal(scale.window(3_600_000), '36s')
  assert.equal(scale.window(60_000), '4s')
  assert.equal(scale.seconds(300_000), 3)
})
