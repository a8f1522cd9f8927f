import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NtpFailureCode } from '@timeball/clock/ntp/measurement.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { clockEvidence } from './clock-evidence.ts'
import type { SelfReport } from './evidence.ts'
import { goodTime, goodServers } from './good-time.ts'
import { clockServer, judged, measured, silent } from '../clock/test/servers.ts'
import type { ClockReport, ClockServer } from '../clock/server.ts'
import { judgeHealth } from '../health/judge.ts'
import { healthy, healthyHttp, healthyNtp } from '../health/test/healthy.ts'
import { judgeGates } from '../rollout/gates/judge-gates.ts'
import { evidence, gates } from '../rollout/gates/test/evidence.ts'

const receivers = ['1', '2', '3'].map((number) =>
  clockServer(`gps-${number}`, { address: `10.0.0.${number}`, ownRefids: [`10.0.0.${number}`] }),
)

function relay(change: Parameters<typeof measured>[0]): ClockServer {
  const swept = measured({ stratum: 2, refid: '10.0.0.1', rootDistanceSeconds: 0.002, ...change })
  const address = '10.0.0.9'
  return clockServer('relay', { role: 'stratum2', address, ownRefids: [address], swept })
}

/** What everybody who judges says about the relay. */
function judgesOf(report: ClockReport, said: SelfReport): Record<string, string> {
  const judgement = report.judgements.find(({ server }) => server.name === 'relay')
  const clock = clockEvidence(report, new Set(['relay'])).get('relay')
  assert.ok(judgement && clock)
  const http = ok(healthyHttp({ ntp: healthyNtp({ ...said, selected: selectedOf(said) }) }))
  const ntp = judgement.server.swept.result
  const input = evidence({ hasGps: false, hasPps: false, http, clock: ok(clock) })
  return {
    rule: goodTime({ clock, said }).state,
    clock: judgement.verdict,
    quorum: goodServers(clockEvidence(report)).has('relay') ? 'good' : 'not good',
    gates: judgeGates(input, gates(), null).verdict.verdict,
    health: judgeHealth(healthy({ role: 'stratum2', http, ntp, clock })).verdict,
  }
}

function selectedOf({ selected }: SelfReport): ReturnType<typeof healthyNtp>['selected'] {
  return selected === null ? null : { ...selected, reach: 255 }
}

const following: SelfReport = {
  isSynced: true,
  leap: 0,
  stratum: 2,
  refid: '10.0.0.1',
  selected: { address: '10.0.0.1', tally: '*' },
}

test('a relay that follows a receiver is good for everybody', () => {
  assert.deepEqual(judgesOf(judged([...receivers, relay({})]), following), {
    rule: 'good',
    clock: 'truechimer',
    quorum: 'good',
    gates: 'pass',
    health: 'ok',
  })
})

test('a relay that follows nothing but its own clock is good for nobody, right or not', () => {
  const refid = '127.127.1.0'
  const said = { ...following, refid, selected: { address: refid, tally: '*' } }
  for (const offsetSeconds of [0, 3_600]) {
    const report = judged([...receivers, relay({ refid, offsetSeconds })])
    assert.deepEqual(judgesOf(report, said), {
      rule: 'bad',
      clock: 'unsynchronised',
      quorum: 'not good',
      gates: 'pending',
      health: 'down',
    })
  }
})

test('whoever follows a clock that follows only itself is told so, with its name', () => {
  const free = relay({ refid: '127.127.1.0', stratum: 10 })
  const follower = clockServer('follower', {
    role: 'stratum2',
    swept: measured({ stratum: 11, refid: '10.0.0.9' }),
  })
  const clock = clockEvidence(judged([...receivers, free, follower])).get('follower')
  assert.ok(clock)
  assert.deepEqual(goodTime({ clock, said: null }), {
    state: 'bad',
    reasons: [
      {
        subject: 'reference',
        state: 'bad',
        text: 'follows relay, which follows only its own clock (127.127.1.0)',
      },
    ],
  })
})

test('its own no takes good away, and does not make bad what was measured to be right', () => {
  const clock = clockEvidence(judged([...receivers, relay({})])).get('relay')
  assert.ok(clock)
  for (const no of [{ isSynced: false }, { leap: 3 }, { stratum: 16 }]) {
    assert.equal(goodTime({ clock, said: { ...following, ...no } }).state, 'settling')
  }
  assert.equal(goodTime({ clock, said: { ...following, isSynced: null } }).state, 'unknown')
})

function silentBecause(code: NtpFailureCode): string {
  const swept = { ...silent(), result: fail({ code, detail: code }) }
  const report = judged([...receivers, clockServer('relay', { swept })])
  const clock = clockEvidence(report).get('relay') ?? null
  return goodTime({ clock, said: null }).state
}

test('what nobody could ask is unknown, and silence is bad', () => {
  for (const code of ['local', 'kiss', 'bad-address', 'aborted'] as const) {
    assert.equal(silentBecause(code), 'unknown', code)
  }
  for (const code of ['no-answer', 'refused', 'unreachable', 'bogus'] as const) {
    assert.equal(silentBecause(code), 'bad', code)
  }
  assert.equal(silentBecause('unsynchronised'), 'settling')
  assert.equal(goodTime({ clock: null, said: following }).state, 'unknown')
})
