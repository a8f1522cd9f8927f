import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { ClockServer } from '../clock/server.ts'
import { clockServer, judged, measured, silent } from '../clock/test/servers.ts'
import { healthyNtp } from '../health/test/healthy.ts'
import { clockEvidence } from './clock-evidence.ts'
import type { ClockEvidence } from './evidence.ts'
import { goodTime } from './good-time.ts'

/** The guide's fleet: two GPS servers, and two relays that follow one of them each. */
function guide(change: Readonly<Record<string, Partial<ClockServer>>> = {}): ClockServer[] {
  const gps = (name: string, address: string): ClockServer =>
    clockServer(name, { address, ownRefids: [address], ...change[name] })
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

function see(
  servers: readonly ClockServer[],
  device: string,
  changed: string[] = [],
): ClockEvidence {
  const evidence = clockEvidence(judged(servers), new Set(changed)).get(device)
  assert.ok(evidence)
  return evidence
}

function good(servers: readonly ClockServer[], changed: string[] = []): Record<string, string> {
  const evidence = clockEvidence(judged(servers), new Set(changed))
  return Object.fromEntries(
    [...evidence].map(([name, clock]) => [name, goodTime({ clock, said: healthyNtp() }).state]),
  )
}

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
  const seen = see(fleet, 'gps-1', ['gps-1'])
  assert.equal(seen.verdict, 'undecidable')
  assert.deepEqual([seen.peers, seen.contradicting], [2, 2], 'its follower is no witness')
  assert.equal(Math.round((seen.offsetSeconds ?? 0) * 1e6), 50_000)
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
  assert.equal(see(fleet, 'gps-1').failure?.detail, 'no socket')
  assert.equal(good(fleet)['gps-1'], 'unknown')
})

test("without anybody to compare it with, an offset to this machine's clock is not told", () => {
  const seen = see([clockServer('alone', off(3))], 'alone')
  assert.deepEqual([seen.peers, seen.offsetSeconds, seen.errorSeconds], [0, null, null])
  assert.equal(goodTime({ clock: seen, said: null }).state, 'good')
})
