/** Random evidence: no judge calls good what another calls bad. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fail, ok } from '@timeball/lib/result.ts'
import { clockServer, measured, silent } from '../clock/test/servers.ts'
import { judgeClocks } from '../clock/judge.ts'
import type { ClockJudgement, ClockServer } from '../clock/server.ts'
import { isAlerting } from '../clock/hysteresis.ts'
import { sampleOf } from '../clock/sample.ts'
import { judgeHealth } from '../health/judge.ts'
import type { HealthInput } from '../health/verdict.ts'
import { healthy, healthyHttp, healthyNtp } from '../health/test/healthy.ts'
import { judgeGates, oldReleaseServes } from '../rollout/gates/judge-gates.ts'
import { evidence as gateEvidence, gates } from '../rollout/gates/test/evidence.ts'
import { clockEvidence } from './clock-evidence.ts'
import { goodServers, goodTime } from './good-time.ts'

const address = (index: number): string => `10.0.0.${index + 1}`
const refid = fc.oneof(
  fc.constantFrom('GPS', 'PPS', 'LOCL', '127.127.1.0', '127.0.0.1', '192.0.2.1'),
  fc.nat(6).map(address),
)
const measurement = fc.record({
  offsetSeconds: fc.constantFrom(0, 0.0003, -0.0005, 0.004, 0.05, -0.2, 3_600, -619_315_200),
  rootDistanceSeconds: fc.constantFrom(0.0014, 0.003, 0.06, 0.4, 1.6),
  stratum: fc.constantFrom(1, 1, 2, 3, 10),
  leap: fc.constantFrom(0, 0, 0, 1, 2),
  refid,
})
const failure = fc.constantFrom(
  { code: 'no-answer', detail: 'no answer' } as const,
  { code: 'local', detail: 'no socket' } as const,
  { code: 'kiss', detail: 'the server refuses us (RATE)' } as const,
  { code: 'bogus', detail: 'the timestamps contradict each other' } as const,
)
const unsynchronised = { leap: 3, stratum: 16, refid: 'INIT' } as const
const swept = fc.oneof(
  { weight: 5, arbitrary: measurement.map(measured) },
  failure.map((each) => ({ ...silent(), result: fail(each) })),
  fc.constant({
    ...silent(),
    unsynchronised,
    result: fail({ code: 'unsynchronised', detail: 'leap alarm' } as const),
  }),
)
const fleet = fc.array(swept, { minLength: 1, maxLength: 7 }).map((all): ClockServer[] =>
  all.map((each, index) =>
    clockServer(`s${index}`, {
      address: address(index),
      ownRefids: [address(index)],
      swept: each,
    }),
  ),
)
const selected = fc.record({
  address: refid,
  tally: fc.constantFrom('*', 'o', '+', null),
  reach: fc.constantFrom(255, 255, 1, 0, null),
})
const said = fc.record({
  isSynced: fc.constantFrom(true, true, false, null),
  leap: fc.constantFrom(0, 0, 3, null),
  stratum: fc.constantFrom(1, 2, 16, null),
  refid: fc.option(refid),
  selected: fc.option(selected, { freq: 5 }),
})
const http = fc.oneof(
  { weight: 5, arbitrary: said.map((change) => ok(healthyHttp({ ntp: healthyNtp(change) }))) },
  fc.constant(fail({ code: 'refused', detail: 'nothing listens on TCP 3000' } as const)),
)

const options = { maxOffsetMs: 100, leapNotice: null, startedUnixMs: Date.UTC(2026, 10, 23) }
type Opinion = 'good' | 'bad' | 'neither'
const seed = fc.sample(fc.integer(), 1)[0] ?? 0

test(`no judge calls good what another calls bad (seed ${seed})`, () => {
  const counts = { good: 0, bad: 0 }
  fc.assert(
    fc.property(fleet, http, fc.boolean(), (servers, answer, isChanged) => {
      const opinions = opinionsOn(servers, answer, isChanged)
      const held = new Set(Object.values(opinions))
      if (held.has('good')) counts.good += 1
      if (held.has('bad')) counts.bad += 1
      assert.ok(!(held.has('good') && held.has('bad')), JSON.stringify(opinions))
    }),
    { seed, numRuns: 3_000 },
  )
  assert.ok(counts.good > 100 && counts.bad > 100, 'the evidence is of both kinds')
})

/** On the first server of the fleet. */
function opinionsOn(
  servers: readonly ClockServer[],
  answer: HealthInput['http'],
  isChanged: boolean,
): Record<string, Opinion> {
  const report = judgeClocks(servers, options)
  const [judgement] = report.judgements
  const clock = clockEvidence(report, new Set(isChanged ? ['s0'] : [])).get('s0')
  assert.ok(judgement && clock)
  const said = answer.ok ? answer.value.ntp : null
  const ntp = judgement.server.swept.result
  const checked = gateEvidence({ hasGps: false, hasPps: false, http: answer, clock: ok(clock) })
  return {
    'rule, from outside': opinionOf(goodTime({ clock, said: null }).state),
    'rule, with its word': opinionOf(goodTime({ clock, said }).state),
    clock: clockOpinion(judgement),
    quorum: goodServers(clockEvidence(report)).has('s0') ? 'good' : 'neither',
    alert: alertOpinion(judgement),
    gates: opinionOf(judgeGates(checked, gates(), null).verdict.verdict),
    'after going back': opinionOf(oldReleaseServes(checked, gates(), null).verdict.verdict),
    health: opinionOf(judgeHealth(healthy({ http: answer, ntp, clock })).verdict),
  }
}

const words: Readonly<Record<string, Opinion>> = {
  good: 'good',
  pass: 'good',
  ok: 'good',
  bad: 'bad',
  fail: 'bad',
  down: 'bad',
}

function opinionOf(word: string): Opinion {
  return words[word] ?? 'neither'
}

/** As the exit code of `timeball clock` has it. */
function clockOpinion({ verdict, faults }: ClockJudgement): Opinion {
  if (verdict === 'undecidable') return 'neither'
  const isBad = verdict !== 'truechimer' || faults.some(({ level }) => level === 'bad')
  return isBad ? 'bad' : 'good'
}

function alertOpinion(judgement: ClockJudgement): Opinion {
  const sample = sampleOf(judgement, 0)
  return isAlerting([sample, sample, sample]) ? 'bad' : 'neither'
}
