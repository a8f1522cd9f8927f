import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthyHttp } from '../../health/test/healthy.ts'
import { clockSeen } from './test/evidence.ts'
import { vetoOf } from './veto.ts'

const facts = { hasGps: true, gpsNeighbours: 1, goodGpsNeighbours: 1 }
const holdover = { fault: 'holdover', level: 'warn', text: 'holdover: not set for 9 min' } as const

test('nothing speaks against changing a healthy device', () => {
  assert.equal(vetoOf(healthyHttp(), clockSeen(), facts), null)
  assert.equal(vetoOf(null, null, facts), null)
})

test('a device in holdover is not ready', () => {
  assert.match(vetoOf(null, clockSeen({ faults: [holdover] }), facts) ?? '', /holdover/)
})

test('a device with a degraded receiver is not ready', () => {
  const noFix = healthyHttp({ gps: { state: 'no-fix', reason: '2 satellites' } })
  assert.equal(vetoOf(noFix, clockSeen(), facts), 'GPS is degraded: 2 satellites')
  assert.match(vetoOf(null, clockSeen({ stratum: 2 }), facts) ?? '', /stratum 2/)
  assert.equal(vetoOf(noFix, clockSeen({ stratum: 2 }), { ...facts, hasGps: false }), null)
})

test('the last good receiver of a site is not ready, the only one of a site does not', () => {
  assert.match(vetoOf(null, null, { ...facts, goodGpsNeighbours: 0 }) ?? '', /last server/)
  const only = { hasGps: true, gpsNeighbours: 0, goodGpsNeighbours: 0 }
  assert.equal(vetoOf(null, null, only), null)
})
