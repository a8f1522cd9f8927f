import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GpsdView } from '@timeball/clock/gpsd/client.ts'
import { parseReport } from '@timeball/clock/gpsd/report.ts'
import { hear, silentGpsd } from '@timeball/clock/gpsd/state.ts'
import { releasedAtMs } from '../version.ts'
import type { Moment } from './good-fix.ts'
import { decideGpsStatus } from './gps-status.ts'

const device = '{"class":"DEVICES","devices":[{"path":"/dev/ttyAMA0","driver":"u-blox"}]}'
const fix = '{"class":"TPV","device":"/dev/ttyAMA0","mode":3,"time":"2026-11-23T08:52:24.000Z"}'
const noFix = '{"class":"TPV","device":"/dev/ttyAMA0","mode":1}'
const sky = '{"class":"SKY","device":"/dev/ttyAMA0","uSat":7,"nSat":11,"tdop":0.8}'
const pps =
  '{"class":"PPS","real_sec":10,"real_nsec":0,"clock_sec":10,"clock_nsec":250,"device":"/dev/pps0"}'

/** The first line was heard when the receiver's fix was true. */
const startedMs = Date.parse('2026-11-23T08:52:24.000Z')
const at = (monotonicMs: number, clockAheadMs = 0): Moment => ({
  monotonicMs,
  unixMs: startedMs + monotonicMs + clockAheadMs,
})

/** Lines that were heard at 0 s, 1 s, 2 s … */
function heard(lines: readonly string[], change: Partial<GpsdView> = {}): GpsdView {
  const state = lines.reduce((state, line, index) => {
    const report = parseReport(line)
    return report === null ? state : hear(state, report, index * 1000)
  }, silentGpsd)
  return { isConnected: true, wasConnected: true, failure: null, state, ...change }
}

test('a fix is told with its satellites and pulse', () => {
  const status = decideGpsStatus(heard([device, fix, sky, pps]), at(4000))
  assert.deepEqual(
    [status.state, status.mode, status.fixAgeSeconds, status.satellitesUsed, status.satellitesSeen],
    ['fix', 3, 3, 7, 11],
  )
  assert.deepEqual(status.pulse, { offsetNs: 250, ageSeconds: 1 })
  assert.equal(status.driver, 'u-blox')
})

for (const [name, view, nowMs, state, reason] of [
  ['a lost fix', heard([device, fix, noFix]), 2500, 'no-fix', /no fix/],
  ['a receiver that went silent', heard([device, fix]), 60_000, 'silent', /for 59 s/],
  ['a receiver that never spoke', heard([device]), 0, 'silent', /says nothing/],
  ['a gpsd without a receiver', heard([]), 0, 'no-device', /no receiver/],
  [
    'no gpsd',
    heard([], { isConnected: false, wasConnected: false, failure: 'ECONNREFUSED' }),
    0,
    'unknown',
    /ECONNREFUSED/,
  ],
] as const) {
  test(`${name} is ${state}, with the reason`, () => {
    const status = decideGpsStatus(view, at(nowMs))
    assert.equal(status.state, state)
    assert.match(status.reason ?? '', reason)
    assert.equal(status.mode, state === 'no-fix' ? 1 : null)
  })
}

test('a gpsd that went away is lost, and what it said is not told as if it were now', () => {
  const status = decideGpsStatus(
    heard([device, fix, sky], { isConnected: false, failure: 'the connection ended' }),
    at(10_000),
  )
  assert.deepEqual([status.state, status.isLost], ['unknown', true])
  assert.deepEqual([status.mode, status.satellitesUsed, status.fixAgeSeconds], [null, null, 9])
})

const saying = (change: string): string => fix.replace('"mode":3', `"mode":3,${change}`)
const inYear = (year: number): string => fix.replace('2026', String(year))
const toff = (clockSeconds: number): string =>
  `{"class":"TOFF","device":"/dev/ttyAMA0","real_sec":${startedMs / 1000},"real_nsec":0,"clock_sec":${clockSeconds},"clock_nsec":120000000}`

for (const [name, lines, reason] of [
  [
    '1999',
    [inYear(1999)],
    /^the receiver says 1999-11-23T.*: that is before this release was made/,
  ],
  ['2006', [inYear(2006)], /^the receiver says 2006-.*its weeks have rolled over$/],
  ['2015', [inYear(2015)], /^the receiver says 2015-/],
  [
    '2034',
    [inYear(2034)],
    /^the receiver and this clock are 2922 days apart: one of them is wrong$/,
  ],
  ['20 s ahead', [fix.replace(':24.', ':44.')], /are 20 s apart/],
  ['simulated', [saying('"status":8')], /^the receiver's fix is simulated$/],
  ['dead reckoning', [saying('"status":5')], /reckons on without satellites/],
  ['dead reckoning among satellites', [saying('"status":6')], /reckons on with few satellites/],
  ['a TOFF years off', [fix, toff(startedMs / 1000 - 619_315_200)], /are 7168 days apart/],
] as const) {
  test(`${name} is no good fix, in words`, () => {
    const status = decideGpsStatus(heard([device, ...lines]), at(2000, -1000))
    assert.equal(status.state, 'no-fix')
    assert.match(status.reason ?? '', reason)
    assert.deepEqual([status.mode, status.fixAgeSeconds], [3, null])
  })
}

for (const [name, lines, now] of [
  ['a serial message that comes a second late', [fix, toff(startedMs / 1000 + 1)], at(2000)],
  ['a differential fix', [saying('"status":2')], at(2000)],
  ['a clock that has not been set yet', [fix], at(2000, -startedMs)],
  ['a fix that was heard four seconds ago', [fix], at(4000)],
] as const) {
  test(`${name} is a good fix`, () => {
    const status = decideGpsStatus(heard([device, ...lines]), now)
    assert.deepEqual([status.state, status.reason], ['fix', null])
  })
}

test('the receiver of another decade is found out by the release, even when the clock follows it', () => {
  const clockAheadMs = Date.parse('2006-11-23T08:52:24.000Z') - startedMs
  const status = decideGpsStatus(heard([device, inYear(2006)]), at(2000, clockAheadMs))
  assert.match(status.reason ?? '', /before this release was made/)
  assert.ok(releasedAtMs < startedMs)
})

const second = (line: string): string => line.replaceAll('/dev/ttyAMA0', '/dev/ttyUSB0')
const two =
  '{"class":"DEVICES","devices":[{"path":"/dev/ttyAMA0","driver":"u-blox"},{"path":"/dev/ttyUSB0","driver":"SiRF"},{"path":"/dev/pps0"}]}'

for (const [name, lines, device, driver] of [
  ['first', [two, fix, sky, second(noFix)], '/dev/ttyAMA0', 'u-blox'],
  ['second', [two, noFix, second(fix), second(sky), noFix], '/dev/ttyUSB0', 'SiRF'],
] as const) {
  test(`of two receivers the ${name} is told, which has the fix, and that there are two`, () => {
    const status = decideGpsStatus(heard(lines), at(3000))
    assert.deepEqual(
      [status.state, status.device, status.driver, status.satellitesUsed],
      ['fix', device, driver, 7],
    )
    assert.deepEqual(
      status.receivers.map(({ state }) => state),
      ['fix', 'no-fix'],
    )
    assert.match(status.receivers[1]?.reason ?? '', /no fix/)
  })
}

test('of two receivers with a fix the one with more satellites is told', () => {
  const few = second(sky).replace('"uSat":7', '"uSat":4')
  const status = decideGpsStatus(heard([two, second(fix), few, fix, sky]), at(4000))
  assert.deepEqual([status.device, status.satellitesUsed], ['/dev/ttyAMA0', 7])
})

test('a device of pulses alone is no receiver, and its pulse is told', () => {
  const status = decideGpsStatus(heard([two, fix, pps, second(noFix)]), at(3000))
  assert.equal(status.pulse?.offsetNs, 250)
  assert.equal(status.receivers.length, 2)
})
