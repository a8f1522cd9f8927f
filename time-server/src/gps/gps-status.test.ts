import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GpsdView } from '@timeball/clock/gpsd/client.ts'
import { parseReport } from '@timeball/clock/gpsd/report.ts'
import { hear, silentGpsd } from '@timeball/clock/gpsd/state.ts'
import { decideGpsStatus } from './gps-status.ts'

const device = '{"class":"DEVICES","devices":[{"path":"/dev/ttyAMA0","driver":"u-blox"}]}'
const fix = '{"class":"TPV","device":"/dev/ttyAMA0","mode":3,"time":"2026-11-23T08:52:24.000Z"}'
const noFix = '{"class":"TPV","device":"/dev/ttyAMA0","mode":1}'
const sky = '{"class":"SKY","device":"/dev/ttyAMA0","uSat":7,"nSat":11,"tdop":0.8}'
const pps =
  '{"class":"PPS","real_sec":10,"real_nsec":0,"clock_sec":10,"clock_nsec":250,"device":"/dev/pps0"}'

/** Lines that were heard at 0 s, 1 s, 2 s … */
function heard(lines: readonly string[], change: Partial<GpsdView> = {}): GpsdView {
  const state = lines.reduce((state, line, index) => {
    const report = parseReport(line)
    return report === null ? state : hear(state, report, index * 1000)
  }, silentGpsd)
  return { isConnected: true, wasConnected: true, failure: null, state, ...change }
}

test('a fix is told with its satellites and pulse', () => {
  const status = decideGpsStatus(heard([device, fix, sky, pps]), 4000)
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
    const status = decideGpsStatus(view, nowMs)
    assert.equal(status.state, state)
    assert.match(status.reason ?? '', reason)
    assert.equal(status.mode, state === 'no-fix' ? 1 : null)
  })
}

test('a gpsd that went away is lost, and what it said is not told as if it were now', () => {
  const status = decideGpsStatus(
    heard([device, fix, sky], { isConnected: false, failure: 'the connection ended' }),
    10_000,
  )
  assert.deepEqual([status.state, status.isLost], ['unknown', true])
  assert.deepEqual([status.mode, status.satellitesUsed, status.fixAgeSeconds], [null, null, 9])
})
