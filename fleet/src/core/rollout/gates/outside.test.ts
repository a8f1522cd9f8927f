import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { ClockServer } from '../../clock/server.ts'
import { clockServer, judged, measured, silent } from '../../clock/test/servers.ts'
import { healthyHttp, healthyNtp } from '../../health/test/healthy.ts'
import { isGoodTime, vetoOf } from './good-time.ts'
import type { ClockLook } from './look.ts'
import { seeFleet, seenFromOutside } from './outside.ts'
import { clockLook } from './test/looks.ts'

/** The guide's fleet: two GPS servers, and two relays that follow one of them each. */
function guide(change: Readonly<Record<string, Partial<ClockServer>>> = {}): ClockServer[] {
  const gps = (name: string, address: string): ClockServer =>
    clockServer(name, { address, ownRefid: address, ...change[name] })
  const relay = (name: string, refid: string): ClockServer =>
    clockServer(name, { role: 'stratum2', swept: measured(follows(refid)), ...change[name] })
  return [
    gps('gps-1', '10.0.0.1'),
    gps('gps-2', '10.0.0.2'),
    relay('ntp-1', '10.0.0.1'),
    relay('ntp-2', '10.0.0.2'),
  ]
}

function follows(refid: string): Partial<NtpMeasurement> {
  return { stratum: 2, refid, rootDistanceSeconds: 0.002 }
}

function off(offsetSeconds: number): Partial<ClockServer> {
  return { swept: measured({ offsetSeconds }) }
}

function see(servers: readonly ClockServer[], device: string, changed: string[] = []): ClockLook {
  const look = seenFromOutside(judged(servers), device, new Set(changed))
  assert.ok(look !== null)
  return look
}

function good(servers: readonly ClockServer[], changed: string[] = []): Record<string, string> {
  const looks = seeFleet(judged(servers), new Set(changed))
  return Object.fromEntries(
    [...looks].map(([name, clock]) => [name, isGoodTime(clock, healthyHttp())]),
  )
}

test('a server that is no part of the sweep was not seen', () => {
  assert.equal(seenFromOutside(judged(guide()), 'gps-9', new Set()), null)
})

test('when all agree, all are good', () => {
  assert.deepEqual(new Set(Object.values(good(guide()))), new Set(['good']))
  const { verdict, votes, contradicting } = see(guide(), 'gps-1')
  assert.deepEqual([verdict, votes, contradicting], ['truechimer', 2, 0])
})

test('while one of two GPS servers is away, the others still are good', () => {
  assert.deepEqual(good(guide({ 'gps-1': { swept: silent() } })), {
    'gps-1': 'bad',
    'gps-2': 'good',
    'ntp-1': 'good',
    'ntp-2': 'good',
  })
})

test('a changed GPS server that is off contradicts the one that was not changed', () => {
  const fleet = guide({
    'gps-1': off(0.05),
    'ntp-1': { swept: measured({ ...follows('10.0.0.1'), offsetSeconds: 0.05 }) },
  })
  const look = see(fleet, 'gps-1', ['gps-1'])
  assert.equal(look.verdict, 'undecidable')
  assert.deepEqual([look.peers, look.contradicting], [2, 2], 'its follower is no witness')
  assert.equal(Math.round((look.offsetSeconds ?? 0) * 1e6), 50_000)
  assert.deepEqual(good(fleet, ['gps-1']), {
    'gps-1': 'bad',
    'gps-2': 'good',
    'ntp-1': 'bad',
    'ntp-2': 'good',
  })
})

test('when two contradict each other and none was changed, neither is relied on', () => {
  const { 'gps-1': one, 'gps-2': other } = good(guide({ 'gps-1': off(0.05) }))
  assert.notEqual(one, 'good')
  assert.notEqual(other, 'good')
})

test('a relay that its source contradicts is a falseticker even without a second vote', () => {
  const third = clockServer('ntp-3', { role: 'stratum2', swept: measured(follows('10.0.0.1')) })
  const wrong: Swept = measured({ ...follows('10.0.0.1'), offsetSeconds: 0.05 })
  const fleet = [...guide({ 'gps-2': { swept: silent() }, 'ntp-1': { swept: wrong } }), third]
  assert.equal(see(fleet, 'ntp-1', ['ntp-1']).verdict, 'falseticker')
})

test('a server that could not be asked is neither good nor bad', () => {
  const failure = { code: 'local', detail: 'no socket' } as const
  const fleet = guide({ 'gps-1': { swept: { ...silent(), result: { ok: false, failure } } } })
  assert.equal(see(fleet, 'gps-1').notAsked, 'no socket')
  assert.equal(good(fleet)['gps-1'], 'unknown')
})

test("without anybody to compare it with, an offset to this machine's clock is not told", () => {
  const look = see([clockServer('alone', off(3))], 'alone')
  assert.deepEqual([look.peers, look.offsetSeconds, look.errorSeconds], [0, null, null])
  assert.equal(isGoodTime(look, null), 'good')
})

test('a server of a small fleet that says itself that it is not in step is not good', () => {
  const look = clockLook({ verdict: 'undecidable', votes: 1, peers: 0 })
  const said = healthyHttp({ ntp: healthyNtp({ isSynced: false }) })
  assert.equal(isGoodTime(look, said), 'bad')
})

test('a fault that forbids to rely on a truechimer counts, a kiss does not', () => {
  const loop = { fault: 'loop', level: 'bad', text: 'loop' } as const
  const kiss = { fault: 'kiss', level: 'bad', text: 'RATE' } as const
  const warning = { fault: 'packet-loss', level: 'warn', text: 'lost 1 of 4' } as const
  assert.equal(isGoodTime(clockLook({ faults: [loop] }), null), 'bad')
  assert.equal(isGoodTime(clockLook({ faults: [kiss, warning] }), null), 'good')
})

test('what was not measured is not known', () => {
  assert.equal(isGoodTime(null, healthyHttp()), 'unknown')
})

const facts = { hasGps: true, gpsNeighbours: 1, goodGpsNeighbours: 1 }
const holdover = { fault: 'holdover', level: 'warn', text: 'holdover: not set for 9 min' } as const

test('nothing speaks against changing a healthy device', () => {
  assert.equal(vetoOf(healthyHttp(), clockLook(), facts), null)
  assert.equal(vetoOf(null, null, facts), null)
})

test('a device in holdover says not now', () => {
  assert.match(vetoOf(null, clockLook({ faults: [holdover] }), facts) ?? '', /holdover/)
})

test('a device with a degraded receiver says not now', () => {
  const noFix = healthyHttp({ gps: { state: 'no-fix', reason: '2 satellites' } })
  assert.equal(vetoOf(noFix, clockLook(), facts), 'GPS is degraded: 2 satellites')
  assert.match(vetoOf(null, clockLook({ stratum: 2 }), facts) ?? '', /stratum 2/)
  assert.equal(vetoOf(noFix, clockLook({ stratum: 2 }), { ...facts, hasGps: false }), null)
})

test('the last good receiver of a site says not now, the only one of a site does not', () => {
  assert.match(vetoOf(null, null, { ...facts, goodGpsNeighbours: 0 }) ?? '', /last server/)
  const only = { hasGps: true, gpsNeighbours: 0, goodGpsNeighbours: 0 }
  assert.equal(vetoOf(null, null, only), null)
})
