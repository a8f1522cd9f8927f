/** Public servers that send us away are left alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalMs, refusalOf } from './courtesy.ts'
import type { ClockSample } from './sample.ts'

const nowUnixMs = Date.UTC(2026, 5, 15)

function heard(secondsAgo: number, kiss: string | null): ClockSample {
  return {
    server: 'time.example',
    atUnixMs: nowUnixMs - secondsAgo * 1000,
    verdict: 'undecidable',
    offsetSeconds: null,
    errorSeconds: null,
    delaySeconds: null,
    stratum: null,
    rootDispersionSeconds: null,
    referenceAgeSeconds: null,
    kiss,
  }
}

for (const code of ['DENY', 'RSTR']) {
  test(`${code} is the end for a month, and says what to do`, () => {
    const detail = refusalOf([heard(20, null), heard(10, code)], nowUnixMs)?.detail ?? ''
    assert.match(detail, new RegExp(`${code}.*on 2026-06-1\\d.*no longer asked.*clock.references`))
    assert.ok(refusalOf([heard(30 * 86_400, code)], nowUnixMs))
    assert.equal(refusalOf([heard(refusalMs / 1000 + 1, code)], nowUnixMs), null)
  })
}

test('RATE pauses for 64 s, and twice as long after each further one in a row', () => {
  const first = [heard(900, 'RATE'), heard(800, null), heard(63, 'RATE')]
  assert.match(refusalOf(first, nowUnixMs)?.detail ?? '', /asked again in 1 s/)
  assert.equal(refusalOf([heard(64, 'RATE')], nowUnixMs), null)
  const third = [heard(400, 'RATE'), heard(300, 'RATE'), heard(200, 'RATE')]
  assert.match(refusalOf(third, nowUnixMs)?.detail ?? '', /asked again in 56 s/)
})

test('an answer, another code, and a clock that was set back do not stop the asking', () => {
  assert.equal(refusalOf([], nowUnixMs), null)
  assert.equal(refusalOf([heard(5, 'RATE'), heard(1, null)], nowUnixMs), null)
  assert.equal(refusalOf([heard(1, 'STEP')], nowUnixMs), null)
  assert.equal(refusalOf([heard(-3600, 'RATE')], nowUnixMs), null)
})
