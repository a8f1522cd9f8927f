import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fail, ok } from '@timeball/lib/result.ts'
import { judgeHealth } from './judge.ts'
import { lostPolls } from './ntp-rules.ts'
import { healthCases, noAnswer, noHttp, noSsh, ntpSaying } from './test/cases.ts'
import { goodMeasurement, healthy } from './test/healthy.ts'
import { healthChecks } from './verdict.ts'

for (const { name, change, verdict, check, text } of healthCases) {
  test(name, () => {
    const judged = judgeHealth(healthy(change))
    assert.equal(judged.verdict, verdict, JSON.stringify(judged.reasons))
    if (check !== undefined) assert.equal(judged.reasons[0]?.check, check)
    if (text !== undefined) assert.match(judged.reasons[0]?.text ?? '', text)
  })
}

test('nothing seen at all is down for its clients, and never ok', () => {
  const judged = judgeHealth(healthy({ http: noHttp, ntp: noAnswer, observed: noSsh, drift: null }))
  assert.equal(judged.verdict, 'down')
  assert.deepEqual(
    judged.reasons.map(({ check }) => check),
    ['ntp-answer', 'http', 'container', 'disk'],
  )
  assert.equal(judged.ntp.isSynced, null)
  assert.equal(judged.diskUsedPercent, null)
})

test('synchronised needs its own word and a measurement', () => {
  assert.equal(judgeHealth(healthy()).ntp.isSynced, true)
  assert.equal(judgeHealth(healthy({ http: noHttp })).ntp.isSynced, null)
  assert.equal(judgeHealth(healthy(ntpSaying({ selected: null }))).ntp.isSynced, null)
  assert.equal(judgeHealth(healthy({ ntp: noAnswer })).ntp.isSynced, null)
  const refused = fail({ code: 'unsynchronised', detail: 'leap alarm, stratum 1' } as const)
  assert.equal(judgeHealth(healthy({ ntp: refused })).ntp.isSynced, false)
  assert.equal(judgeHealth(healthy(ntpSaying({ leap: 3 }))).ntp.isSynced, false)
})

test('the columns show what was seen from outside before what was said', () => {
  const { ntp, measured } = judgeHealth(
    healthy({ ntp: ok(goodMeasurement({ stratum: 2, refid: '10.0.0.1' })) }),
  )
  assert.deepEqual(
    { ...ntp, measured },
    {
      isSynced: true,
      stratum: 2,
      refid: '10.0.0.1',
      leap: 0,
      offsetMs: 0.002,
      reach: 255,
      measured: { offsetSeconds: 0.000012, errorSeconds: 0.0004 },
    },
  )
})

test('whatever is missing, the verdict is not ok, and it always has a reason', () => {
  const arbitrary = fc.record({
    http: fc.constantFrom(healthy().http, noHttp),
    ntp: fc.constantFrom(healthy().ntp, noAnswer),
    observed: fc.constantFrom(healthy().observed, noSsh),
    drift: fc.constantFrom([], null),
  })
  fc.assert(
    fc.property(arbitrary, (change) => {
      const { verdict, reasons } = judgeHealth(healthy(change))
      const isComplete = change.http.ok && change.ntp.ok && change.observed.ok
      assert.equal(verdict === 'ok', isComplete)
      assert.equal(reasons.length === 0, isComplete)
    }),
  )
})

test('every rule can fail', () => {
  const found = healthCases.flatMap(({ change }) =>
    judgeHealth(healthy(change)).reasons.map(({ check }) => check),
  )
  assert.deepEqual(
    healthChecks.filter((check) => !found.includes(check)),
    [],
  )
})

test('polls before the first answer are not lost polls', () => {
  const lost = [1, 0b11, 0b101, 255, 0b1000_0000].map(lostPolls)
  assert.deepEqual(lost, [0, 0, 1, 0, 7])
})
