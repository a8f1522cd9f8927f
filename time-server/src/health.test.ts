import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ControlFailure } from '@timeball/clock/control/exchange.ts'
import { decideHealth } from './health.ts'
import type { HealthContext } from './findings.ts'
import type { Health } from './health.ts'
import { noGps } from './gps/gps-status.ts'
import type { Observation } from './observe.ts'
import { aContext, aLook, aPeer, aSystem, threePeers } from './test/a-look.ts'

interface Case {
  readonly name: string
  readonly look: Observation
  readonly context?: Partial<HealthContext>
  readonly status: Health['status']
  readonly synced: boolean | null
  readonly reasons: readonly RegExp[]
}

const shm = aPeer({ address: '127.127.28.1', refid: 'PPS', stratum: 0 }, 6)
const pulse = aPeer({ address: '127.127.22.0', refid: 'PPS', stratum: 0 }, 7)
const local = aPeer({ address: '127.127.1.0', refid: 'LOCL', stratum: 10 }, 6)
const two = threePeers().slice(1)
const jumped = threePeers().map((peer) => ({ ...peer, offsetMs: 400 }))
const rolledOver = threePeers().map((peer) => ({
  ...peer,
  status: aPeer({}, 0).status,
  offsetMs: -619_315_199_999,
}))
const unsteered = { discipline: { disciplined: false, reason: 'declared' } }
const stratum1 = { stratum: 1, refid: 'PPS' }

function silent(code: ControlFailure['code']): Observation {
  return aLook({}, [], { daemon: { ok: false, failure: { code, detail: '', errorCode: null } } })
}

const cases: Case[] = [
  {
    name: 'stratum 2 on three sources is healthy',
    look: aLook(),
    status: 'healthy',
    synced: true,
    reasons: [],
  },
  {
    name: 'stratum 1 on one GPS receiver is healthy: it needs no majority',
    look: aLook(stratum1, [shm]),
    context: { hasGps: true },
    status: 'healthy',
    synced: true,
    reasons: [],
  },
  {
    name: 'a pulse that shows only "o" is a selected source',
    look: aLook(stratum1, [pulse]),
    context: { hasGps: true },
    status: 'healthy',
    synced: true,
    reasons: [],
  },
  {
    name: 'a leap alarm is not in step, even with a selected source',
    look: aLook({ leap: 3 }),
    status: 'unhealthy',
    synced: false,
    reasons: [/leap alarm/],
  },
  {
    name: 'stratum 16 is not in step',
    look: aLook({ stratum: 16 }),
    status: 'unhealthy',
    synced: false,
    reasons: [/stratum 16/],
  },
  {
    name: 'its own local clock is no source, for all its asterisk',
    look: aLook({ stratum: 11, refid: '127.127.1.0' }, [local]),
    status: 'unhealthy',
    synced: false,
    reasons: [/own local clock/, /only 0 of at least 2/],
  },
  {
    // What ntpsec 1.2.2 says in orphan mode: leap 0, stratum 10, root dispersion 0.
    name: 'orphan mode is not in step',
    look: aLook(
      { stratum: 10, refid: '127.0.0.1', rootDistanceMs: 0, referenceAgeSeconds: null },
      threePeers().map((peer) => ({ ...peer, status: aPeer({}, 0).status })),
    ),
    status: 'unhealthy',
    synced: false,
    reasons: [/no source is selected/, /never updated/],
  },
  {
    name: 'a source that follows its own clock is no source (chrony local)',
    look: aLook({ stratum: 11 }, [aPeer({ stratum: 10, refid: '127.127.1.1' }, 6), ...two]),
    status: 'unhealthy',
    synced: false,
    reasons: [/192\.0\.2\.1 follows only its own clock/],
  },
  {
    name: 'sources that have all jumped leave no verdict, and their offset is told',
    look: aLook({ offsetMs: 0.66 }, jumped),
    status: 'degraded',
    synced: null,
    reasons: [/its offset is 0\.660 ms, but its source 192\.0\.2\.1 is 400\.000 ms/, /offset 400/],
  },
  {
    name: 'a frequency at its limit is degraded',
    look: aLook({ frequencyPpm: 500 }),
    status: 'degraded',
    synced: true,
    reasons: [/corrected by 500\.0 ppm/],
  },
  {
    name: 'an ntpd that may not steer keeps its first offset: that of its source counts',
    look: aLook({ offsetMs: 0.1 }, [aPeer({ offsetMs: 90 }, 6), ...two], unsteered),
    context: { steersClock: false, maxOffsetMs: 50 },
    status: 'degraded',
    synced: true,
    reasons: [/offset 90\.000 ms/],
  },
  {
    name: 'an offset that reads as the limit is not above it',
    look: aLook({ offsetMs: 0.1 }, [aPeer({ offsetMs: 50.0004 }, 6), ...two], unsteered),
    context: { steersClock: false, maxOffsetMs: 50 },
    status: 'healthy',
    synced: true,
    reasons: [],
  },
  {
    name: 'a root distance of 1.5 s is too far',
    look: aLook({ rootDistanceMs: 1500 }),
    status: 'unhealthy',
    synced: false,
    reasons: [/root distance 1500 ms/],
  },
  {
    name: 'a source that has not updated the clock for eight polls is not followed: holdover',
    look: aLook({ referenceAgeSeconds: 513 }),
    status: 'degraded',
    synced: false,
    reasons: [/^holdover/, /513 s ago/],
  },
  {
    name: 'holdover ends after an hour',
    look: aLook({ referenceAgeSeconds: 3601 }),
    status: 'unhealthy',
    synced: false,
    reasons: [/3601 s ago/],
  },
  {
    name: 'a lost source is holdover, as long as the last update is not old',
    look: aLook(stratum1, [{ ...shm, status: aPeer({}, 0).status }]),
    status: 'degraded',
    synced: false,
    reasons: [/^holdover/, /no source is selected/],
  },
  {
    name: 'a clock that nobody may steer does not hold',
    look: aLook(stratum1, [], { discipline: { disciplined: false, reason: 'nobody steers' } }),
    status: 'unhealthy',
    synced: false,
    reasons: [/nobody steers/, /^holdover/, /no source/],
  },
  {
    name: 'a lost fix is told while the network still keeps the clock in step',
    look: aLook({}, threePeers(), {
      gps: { ...noGps, state: 'no-fix', reason: 'the receiver has no fix' },
    }),
    status: 'degraded',
    synced: true,
    reasons: [/^GPS: the receiver has no fix$/],
  },
  {
    name: 'a gpsd that was never heard is no warning by itself, one that was is',
    look: aLook(stratum1, [shm], {
      gps: { ...noGps, state: 'unknown', reason: 'gpsd', isLost: true },
    }),
    context: { hasGps: true },
    status: 'degraded',
    synced: true,
    reasons: [/^GPS: gpsd$/],
  },
  {
    name: 'what the daemon does not tell is unknown',
    look: aLook({ rootDistanceMs: null }),
    status: 'unhealthy',
    synced: null,
    reasons: [/did not tell its root distance/],
  },
  {
    name: 'a known fault outweighs what is not told',
    look: aLook({ rootDistanceMs: null, leap: 3 }),
    status: 'unhealthy',
    synced: false,
    reasons: [/leap alarm/],
  },
  {
    name: 'a silent daemon is unknown',
    look: silent('timeout'),
    status: 'unhealthy',
    synced: null,
    reasons: [/does not answer/],
  },
  {
    name: 'an absent daemon is unknown',
    look: silent('no-listener'),
    status: 'unhealthy',
    synced: null,
    reasons: [/does not run/],
  },
  {
    name: 'a daemon that may not set the clock is at fault however good it looks',
    look: aLook({}, threePeers(), { discipline: { disciplined: false, reason: 'nothing steers' } }),
    status: 'unhealthy',
    synced: true,
    reasons: [/nothing steers/],
  },
  {
    name: 'where something else steers the clock, that is no fault',
    look: aLook({}, threePeers(), { discipline: { disciplined: false, reason: 'declared' } }),
    context: { steersClock: false },
    status: 'healthy',
    synced: true,
    reasons: [],
  },
  {
    name: 'who steers the clock should be known',
    look: aLook({}, threePeers(), { discipline: { disciplined: null, reason: 'no process id' } }),
    status: 'degraded',
    synced: true,
    reasons: [/no process id/],
  },
  {
    name: 'an offset above the limit is degraded, early or late',
    look: aLook({ offsetMs: -100.5 }),
    status: 'degraded',
    synced: true,
    reasons: [/offset -100\.500 ms/],
  },
  {
    name: 'an offset at the limit is good',
    look: aLook({ offsetMs: 100 }),
    status: 'healthy',
    synced: true,
    reasons: [],
  },
  {
    name: 'two sources can be compared',
    look: aLook({}, threePeers().slice(0, 2)),
    status: 'healthy',
    synced: true,
    reasons: [],
  },
  {
    name: 'a single source cannot be compared',
    look: aLook({}, threePeers().slice(0, 1)),
    status: 'degraded',
    synced: true,
    reasons: [/only 1 of at least 2/],
  },
  {
    name: 'a source that answered none of eight polls does not count',
    look: aLook({}, [...threePeers().slice(0, 1), aPeer({ reach: 0 }, 0)]),
    status: 'degraded',
    synced: true,
    reasons: [/only 1 of at least 2/],
  },
  {
    name: 'sources that have rolled over are named while the clock holds',
    look: aLook({}, rolledOver),
    status: 'degraded',
    synced: false,
    reasons: [/^holdover/, /no source/, /too far away .* 192\.0\.2\.1 \(-619315200 s\), 192/],
  },
  {
    name: 'a clock that a receiver has taken to another decade is at fault, for all that agrees',
    look: aLook(stratum1, [shm], { unixMs: Date.UTC(2006, 10, 23) }),
    context: { hasGps: true },
    status: 'unhealthy',
    synced: true,
    reasons: [/^the clock shows 2006-11-23, which is before this release was made$/],
  },
  {
    name: 'a falseticker is named',
    look: aLook({}, [...threePeers(), aPeer({ address: '192.0.2.66' }, 1)]),
    status: 'degraded',
    synced: true,
    reasons: [/falsetickers: 192\.0\.2\.66/],
  },
  {
    name: 'a GPS server that follows the network is degraded',
    look: aLook(),
    context: { hasGps: true },
    status: 'degraded',
    synced: true,
    reasons: [/GPS is not followed/],
  },
  {
    name: 'a disk that is nearly full is degraded',
    look: aLook({}, threePeers(), { diskUsedPercent: 90 }),
    status: 'degraded',
    synced: true,
    reasons: [/90 % full/],
  },
  {
    name: 'a disk that cannot be read is degraded',
    look: aLook({}, threePeers(), { diskUsedPercent: null }),
    status: 'degraded',
    synced: true,
    reasons: [/cannot be read/],
  },
]

for (const { name, look, context, status, synced, reasons } of cases) {
  test(name, () => {
    const health = decideHealth(look, { ...aContext, ...context })
    assert.equal(health.status, status, health.reasons.join('; '))
    assert.equal(health.ntp.synced, synced)
    assert.equal(health.reasons.length, reasons.length, health.reasons.join('; '))
    reasons.forEach((reason, index) => assert.match(health.reasons[index] ?? '', reason))
  })
}

test('the body of a healthy server', () => {
  assert.deepEqual(decideHealth(aLook(), aContext), {
    status: 'healthy',
    reasons: [],
    version: '1.2.3',
    device: 'pi-ntp-01',
    uptime_seconds: 81,
    ntp: {
      synced: true,
      leap: 0,
      stratum: 2,
      offset_ms: 0.05,
      root_delay_ms: 0.5,
      root_dispersion_ms: 11,
      jitter_ms: 0.04,
      frequency_ppm: -3.2,
      refid: '192.0.2.1',
      selected: { address: '192.0.2.1', tally: '*', reach: 255 },
      reftime_age_seconds: 12,
      peers: 3,
      contradictions: [],
    },
    gps: { state: 'disabled', reason: noGps.reason, mode: null, satellites_used: null },
    disk: { used_percent: 41 },
    clock: { disciplined: true, reason: 'ntpd has CAP_SYS_TIME' },
  })
})

test('the zeros of a daemon that was never in step are not told', () => {
  const { ntp } = decideHealth(
    aLook({ leap: 3, stratum: 16, offsetMs: 0, jitterMs: 0, referenceAgeSeconds: null }, []),
    aContext,
  )
  assert.deepEqual([ntp.offset_ms, ntp.jitter_ms, ntp.root_delay_ms], [null, null, null])
  assert.deepEqual([ntp.leap, ntp.stratum, ntp.peers], [3, 16, 0])
})

test('it is never in step in leap alarm, at a bad stratum or without a real source', () => {
  const numbers = fc.option(fc.integer({ min: 0, max: 20 }))
  const peers = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 7 }), fc.boolean())
      .map(([selection, isLocal]) =>
        aPeer({ address: isLocal ? '127.127.1.0' : '192.0.2.4' }, selection),
      ),
  )
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 2, 3, null), numbers, peers, (leap, stratum, sources) => {
      const look = aLook(aSystem({ leap, stratum }), sources)
      const { ntp, status } = decideHealth(look, aContext)
      const hasSource = sources.some(
        ({ status: { selection }, address }) =>
          (selection === 'sys.peer' || selection === 'pps.peer') && address !== '127.127.1.0',
      )
      const mayBe = leap !== 3 && leap !== null && (stratum ?? 0) >= 1 && (stratum ?? 16) <= 15
      if (ntp.synced === true) assert.ok(mayBe && hasSource)
      if (ntp.synced !== true) assert.notEqual(status, 'healthy')
      if (!mayBe) assert.equal(status, 'unhealthy')
    }),
  )
})
