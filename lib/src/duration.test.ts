import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, formatSpan, meantDuration, parseDurationMs } from './duration.ts'

const durations: readonly (readonly [text: string, ms: number])[] = [
  ['500ms', 500],
  ['90s', 90_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
]

for (const [text, ms] of durations) {
  test(`${text} is ${ms} ms, both ways`, () => {
    assert.equal(parseDurationMs(text), ms)
    assert.equal(formatDuration(ms), text)
  })
}

test('what is no whole number of one unit is no duration', () => {
  for (const text of ['', '10', '1h30', '1h30m', '1.5h', '-1s', '1 s', '1w']) {
    assert.equal(parseDurationMs(text), null, text)
  }
})

test('what was meant by several units is one of them', () => {
  const written = ['1h30', '1h30m', '1d 12h', '2m5', '1s500ms', '90', '30m1h', '1w2d']
  const meant = ['90m', '90m', '36h', '125s', '1500ms', null, null, null]
  assert.deepEqual(written.map(meantDuration), meant)
})

const spans: readonly (readonly [ms: number, text: string])[] = [
  [-5, '0 s'],
  [400, '0 s'],
  [48_000, '48 s'],
  [59_500, '1 min'],
  [150_000, '2 min 30 s'],
  [180_000, '3 min'],
  [724_000, '12 min 04 s'],
  [11_100_000, '3 h 05 min'],
  [187_200_000, '2 d 4 h'],
]

for (const [ms, text] of spans) {
  test(`${ms} ms are read as ${text}`, () => assert.equal(formatSpan(ms), text))
}
