/** What each state of a changed device is worth: one line a gate and a trap. */
import { fail, ok } from '@timeball/lib/result.ts'
import { keptContract } from '../../../health/test/healthy.ts'
import type { Gate } from '../../event.ts'
import type { RolloutSettings } from '../../settings.ts'
import type { GateVerdict } from '../../sight.ts'
import type { GateEvidence, QueryEvidence } from '../evidence.ts'
import { logCases } from './log-cases.ts'
import { measuring, running, saying, sayingNtp } from './evidence.ts'

export interface Case {
  readonly name: string
  readonly change: Partial<GateEvidence>
  readonly verdict: GateVerdict['verdict']
  readonly gate?: Gate
  readonly text?: RegExp
  /** How many consecutive checks like this; 1 when left out. */
  readonly checks?: number
  readonly gates?: Partial<RolloutSettings['gates']>
}

const unsynchronised = { fault: 'unsynchronised', level: 'bad', text: 'leap 3' } as const
const loop = { fault: 'loop', level: 'bad', text: 'upstream loop: a → b → a' } as const
const kiss = { fault: 'kiss', level: 'warn', text: 'kiss RATE' } as const

const silence = {
  verdict: 'unreachable',
  failure: { code: 'no-answer', detail: 'no answer on UDP 123' },
} as const

export const falseticker = measuring({
  verdict: 'falseticker',
  offsetSeconds: 0.05,
  contradicting: 3,
})
export const alone = measuring({ verdict: 'undecidable', votes: 1, peers: 0, offsetSeconds: null })

export function query(values: QueryEvidence['values']): Partial<GateEvidence> {
  return { queries: [{ name: 'errors', success: 'result < 5', values }] }
}

export const cases: readonly Case[] = [
  { name: 'a healthy device passes', change: {}, verdict: 'pass' },
  {
    name: 'a relay needs no receiver',
    change: {
      hasGps: false,
      hasPps: false,
      ...saying({ gps: { state: 'disabled', reason: null } }),
    },
    verdict: 'pass',
  },
  // container
  {
    name: 'a device that cannot be looked at is not there yet',
    change: { observed: fail({ code: 'unreachable', detail: 'no route' }) },
    verdict: 'unreached',
    gate: 'container',
    text: /no route/,
  },
  {
    name: 'a device that lets us in no more is not there yet',
    change: { observed: fail({ code: 'auth-refused', detail: 'no key' }) },
    verdict: 'pending',
    gate: 'container',
  },
  {
    name: 'a device that reverted by itself cannot get better',
    change: running({}, { generation: 2, recovered: { generation: 3, reason: 'unconfirmed' } }),
    verdict: 'fail',
    gate: 'container',
    text: /is back in generation 2 from 3: it was not confirmed in time/,
  },
  {
    name: 'a device that somebody else changed is for a person to look at',
    change: running({}, { generation: 4 }),
    verdict: 'inconclusive',
    gate: 'container',
  },
  {
    name: 'an unconfirmed generation is not there yet',
    change: running({}, { pending: 3 }),
    verdict: 'pending',
    gate: 'container',
  },
  {
    name: 'a restarting container is not there yet',
    change: running({ state: 'restarting' }),
    verdict: 'pending',
    gate: 'container',
  },
  {
    name: 'an exited container is given a second check',
    change: running({ state: 'exited' }),
    checks: 2,
    verdict: 'pending',
    gate: 'container',
  },
  {
    name: 'a container that stays exited has failed',
    change: running({ state: 'exited' }),
    checks: 3,
    verdict: 'fail',
    gate: 'container',
    text: /exited, 3 consecutive checks/,
  },
  {
    name: 'a container that somebody else made does not count',
    change: running({ activated: false }),
    verdict: 'pending',
    gate: 'container',
  },
  {
    name: 'another image does not count',
    change: running({ imageId: `sha256:${'b'.repeat(64)}` }),
    verdict: 'pending',
    gate: 'container',
    text: /runs image sha256:bbbbbbbbbbbb, not sha256:aaaaaaaaaaaa/,
  },
  {
    name: 'an image that is not on the device cannot be running',
    change: running({}, { images: new Map() }),
    verdict: 'pending',
    gate: 'container',
  },
  { name: 'old restarts are forgiven', change: running({ restarts: 7 }), verdict: 'pass' },
  // http
  {
    name: 'a 503 is not there yet, and says why',
    change: saying({ httpStatus: 503, reasons: ['ntpd does not answer'] }),
    verdict: 'pending',
    gate: 'http',
    text: /503: ntpd does not answer/,
  },
  {
    name: 'no answer to HTTP is not there yet',
    change: { http: fail({ code: 'refused', detail: 'nothing listens on TCP 3000' }) },
    verdict: 'pending',
    gate: 'http',
  },
  {
    name: 'a look that was broken off says nothing',
    change: { http: fail({ code: 'aborted', detail: 'aborted' }) },
    verdict: 'inconclusive',
    gate: 'http',
  },
  // gps, pps
  {
    name: 'a receiver without a fix is not there yet',
    change: saying({ gps: { state: 'no-fix', reason: '2 satellites' } }),
    verdict: 'pending',
    gate: 'gps',
    text: /2 satellites/,
  },
  {
    name: 'where gpsd does not tell, a stratum 1 has its receiver',
    change: saying({ gps: { state: 'unknown', reason: null } }),
    verdict: 'pass',
  },
  {
    name: 'serial time is not the pulse',
    change: sayingNtp({ refid: 'GPS', selected: { address: 'SHM(0)', tally: '*', reach: 255 } }),
    verdict: 'pending',
    gate: 'pps',
    text: /follows GPS, not the pulse/,
  },
  // synced
  {
    name: 'leap 3 on the wire is not in step, whatever /health says',
    change: measuring({ verdict: 'unsynchronised', faults: [unsynchronised] }),
    verdict: 'pending',
    gate: 'synced',
  },
  {
    name: 'silence on the NTP port is not there yet',
    change: measuring({ ...silence, offsetSeconds: null, errorSeconds: null }),
    verdict: 'pending',
    gate: 'synced',
    text: /no answer/,
  },
  {
    name: 'stratum 16 is not in step',
    change: sayingNtp({ stratum: 16 }),
    verdict: 'pending',
    gate: 'synced',
  },
  {
    name: 'a GPS server that follows another server has lost its receiver',
    change: sayingNtp({ stratum: 2 }),
    verdict: 'pending',
    gate: 'synced',
    text: /receiver is not followed/,
  },
  {
    name: 'what is not said is not believed',
    change: sayingNtp({ isSynced: null }),
    verdict: 'pending',
    gate: 'synced',
  },
  {
    name: 'holdover is not in step',
    change: sayingNtp({ isSynced: false }),
    verdict: 'pending',
    gate: 'synced',
  },
  {
    name: 'without ntp_synced its own word is not asked',
    change: sayingNtp({ isSynced: false }),
    gates: { ntp_synced: false },
    verdict: 'pass',
  },
  {
    name: 'too few answered polls are not there yet',
    change: sayingNtp({ selected: { address: 'PPS(0)', tally: 'o', reach: 0b1111 } }),
    verdict: 'pending',
    gate: 'synced',
    text: /4 of the last 8 polls answered \(8 wanted\)/,
  },
  {
    name: 'as many answered polls as are wanted are enough',
    change: sayingNtp({ selected: { address: 'PPS(0)', tally: 'o', reach: 0b1111 } }),
    gates: { min_reach: 4 },
    verdict: 'pass',
  },
  {
    name: 'reach that is not told cannot be judged',
    change: sayingNtp({ selected: { address: 'PPS(0)', tally: 'o', reach: null } }),
    verdict: 'inconclusive',
    gate: 'synced',
  },
  // offset
  {
    name: 'an offset beyond its error bound is not there yet',
    change: measuring({ offsetSeconds: -0.0112, errorSeconds: 0.001 }),
    verdict: 'pending',
    gate: 'offset',
    text: /off by -11\.2 ms ± 1\.00 ms \(limit 10 ms\)/,
  },
  {
    name: 'an offset that may be within the limit is no proof',
    change: measuring({ offsetSeconds: 0.0112, errorSeconds: 0.002 }),
    verdict: 'pass',
  },
  {
    name: 'without a sweep nobody knows',
    change: { clock: fail("this machine's clock was set") },
    verdict: 'inconclusive',
    gate: 'offset',
    text: /clock was set/,
  },
  {
    name: 'a server that could not be asked is not accused',
    change: measuring({
      verdict: 'undecidable',
      peers: 0,
      failure: { code: 'local', detail: 'no socket' },
    }),
    verdict: 'inconclusive',
    gate: 'offset',
  },
  // truechimer
  {
    name: 'a falseticker is given time to come in step',
    change: falseticker,
    gates: { max_offset_ms: 1000 },
    checks: 2,
    verdict: 'pending',
    gate: 'truechimer',
  },
  {
    name: 'a falseticker that calls itself healthy three times has failed',
    change: falseticker,
    checks: 3,
    verdict: 'fail',
    gate: 'truechimer',
    text: /falseticker: off by \+50\.0 ms ± .*3 consecutive checks/,
  },
  {
    name: 'a falseticker that knows that it is not in step is not there yet',
    change: { ...falseticker, ...sayingNtp({ isSynced: false }) },
    checks: 5,
    verdict: 'pending',
    gate: 'synced',
  },
  {
    name: 'where falsetickers are allowed nobody is accused',
    change: falseticker,
    gates: { falseticker: true, max_offset_ms: 1000 },
    checks: 5,
    verdict: 'pass',
  },
  {
    name: 'without a majority, a changed server that contradicts all others is the wrong one',
    change: measuring({
      verdict: 'undecidable',
      votes: 2,
      peers: 2,
      contradicting: 2,
      offsetSeconds: 0.05,
    }),
    checks: 3,
    verdict: 'fail',
    gate: 'truechimer',
    text: /all 2 others/,
  },
  {
    name: 'without a majority, one that contradicts nobody passes',
    change: measuring({ verdict: 'undecidable', votes: 1, peers: 1 }),
    verdict: 'pass',
  },
  {
    name: 'without a majority, and contradicted by some, nobody knows',
    change: measuring({ verdict: 'undecidable', votes: 2, peers: 3, contradicting: 1 }),
    checks: 5,
    verdict: 'inconclusive',
    gate: 'truechimer',
    text: /1 of 3 other servers contradict it \(2 independent votes\)/,
  },
  {
    name: 'a server that is alone cannot be judged',
    change: alone,
    verdict: 'inconclusive',
    gate: 'truechimer',
    text: /no unchanged server to compare it with \(1 independent vote\)/,
  },
  {
    name: 'a truechimer in an upstream loop must not be relied on',
    change: measuring({ faults: [loop] }),
    verdict: 'pending',
    gate: 'truechimer',
    text: /upstream loop/,
  },
  {
    name: 'that we ask too often says nothing about its time',
    change: measuring({ faults: [kiss] }),
    verdict: 'pass',
  },
  ...logCases,
  // contract
  {
    name: 'an API that answers without a key has failed',
    change: { contract: keptContract({ keyless: ok(200) }) },
    verdict: 'fail',
    gate: 'contract',
    text: /its API answers without a key/,
  },
  {
    name: 'a version other than that of its label has failed',
    change: running({ versionLabel: '0.2.0' }),
    verdict: 'fail',
    gate: 'contract',
    text: /says version 0.1.0, and its image is labelled 0.2.0/,
  },
  {
    name: 'a version as labelled passes',
    change: running({ versionLabel: 'v0.1.0' }),
    verdict: 'pass',
  },
  {
    name: 'metrics that are not there are waited for',
    change: { contract: keptContract({ metrics: ok(new Set()) }) },
    checks: 5,
    verdict: 'pending',
    gate: 'contract',
    text: /its metrics have no ntp_synced/,
  },
  {
    name: 'an operator may do without the contract',
    change: { contract: keptContract({ keyless: ok(200) }) },
    gates: { contract: false },
    verdict: 'pass',
  },
  // queries
  { name: 'a fulfilled query passes', change: query(ok([1, 4.9])), verdict: 'pass' },
  {
    name: 'one series that does not fulfil the condition is enough',
    change: query(ok([1, 5])),
    checks: 2,
    verdict: 'pending',
    gate: 'queries',
    text: /query errors: 5 does not fulfil result < 5/,
  },
  {
    name: 'a condition that is not fulfilled three times has failed',
    change: query(ok([7])),
    checks: 3,
    verdict: 'fail',
    gate: 'queries',
  },
  {
    name: 'a query without a result cannot be judged',
    change: query(ok([])),
    checks: 4,
    verdict: 'inconclusive',
    gate: 'queries',
  },
  {
    name: 'a Prometheus that is away says nothing about the device',
    change: query(fail('nothing listens')),
    checks: 4,
    verdict: 'inconclusive',
    gate: 'queries',
  },
  {
    name: 'NaN is no result',
    change: query(ok([Number.NaN])),
    checks: 4,
    verdict: 'inconclusive',
    gate: 'queries',
  },
]
