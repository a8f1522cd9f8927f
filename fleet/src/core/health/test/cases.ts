/** What each state of a device is worth: one line a rule and a trap. */
import { fail, ok } from '@timeball/lib/result.ts'
import type { ContractEvidence } from '../../service/contract.ts'
import type { TimeServerHealth, TimeServerNtp } from '../time-server-health.ts'
import {
  defaultThresholds,
  type HealthCheck,
  type HealthInput,
  type HealthLevel,
} from '../verdict.ts'
import { alone, clockCases } from './clock-cases.ts'
import {
  container,
  goodMeasurement,
  healthyHttp,
  healthyNtp,
  keptContract,
  observed,
} from './healthy.ts'

const relayMeasurement = goodMeasurement({ stratum: 2, refid: '192.168.1.101' })
const relay: Partial<HealthInput> = {
  role: 'stratum2',
  ntp: ok(relayMeasurement),
  http: ok(
    healthyHttp({
      ntp: healthyNtp({
        stratum: 2,
        refid: '192.168.1.101',
        selected: { address: '192.168.1.101', tally: '*', reach: 255 },
      }),
    }),
  ),
}
export const noAnswer = fail({
  code: 'no-answer',
  detail: 'no answer on UDP 123 within 1000 ms',
} as const)
const notAsked = fail({
  code: 'local',
  detail: 'this machine could not ask (ENETUNREACH)',
} as const)
export const noHttp = fail({ code: 'refused', detail: 'nothing listens on TCP 3000' } as const)
export const noSsh = fail({ code: 'unreachable', detail: 'ssh: connection timed out' } as const)

function saying(change: Partial<TimeServerHealth>): Partial<HealthInput> {
  return { http: ok(healthyHttp(change)) }
}
export function ntpSaying(change: Partial<TimeServerNtp>): Partial<HealthInput> {
  return saying({ ntp: healthyNtp(change) })
}
function selecting(tally: string | null, reach: number | null = 255): Partial<HealthInput> {
  return ntpSaying({ selected: { address: '192.168.1.9', tally, reach } })
}
function seeing(change: Parameters<typeof observed>[0]): Partial<HealthInput> {
  return { observed: ok(observed(change)) }
}
function running(change: Parameters<typeof container>[0]): Partial<HealthInput> {
  return seeing({ containers: new Map([['mcp-utc-time', container(change)]]) })
}
function diskAt(usedPercent: number): Partial<HealthInput> {
  return seeing({ disks: new Map([['/', { path: '/', sizeBytes: 9, freeBytes: 1, usedPercent }]]) })
}

function keeping(change: Partial<ContractEvidence>): Partial<HealthInput> {
  return { contract: { contract: keptContract(change), hasKeys: true } }
}

export interface Case {
  readonly name: string
  readonly change: Partial<HealthInput>
  readonly verdict: HealthLevel
  /** Of the first reason; left out where there is none. */
  readonly check?: HealthCheck
  readonly text?: RegExp
}

export const healthCases: readonly Case[] = [
  ...clockCases,
  { name: 'a PPS server with tally o is ok', change: {}, verdict: 'ok' },
  { name: 'a relay that follows a peer with tally * is ok', change: relay, verdict: 'ok' },
  { name: 'an offset of exactly zero is ok', change: ntpSaying({ offsetMs: 0 }), verdict: 'ok' },

  // What is not synchronised, whatever the tally column and the server's own flag say.
  {
    name: '*LOCAL(0) is not synchronised',
    change: ntpSaying({ selected: { address: 'LOCAL(0)', tally: '*', reach: 255 } }),
    verdict: 'degraded',
    check: 'ntp-sync',
    text: /own clock \(LOCAL\(0\)\)/,
  },
  {
    name: 'a server whose reference is seen from outside to be its own clock is down',
    change: { ntp: ok(goodMeasurement({ refid: 'LOCL' })) },
    verdict: 'down',
    check: 'ntp-reference',
  },
  {
    name: 'a selected peer during a leap alarm is not synchronised',
    change: ntpSaying({ leap: 3 }),
    verdict: 'degraded',
    check: 'ntp-sync',
    text: /leap alarm/,
  },
  { name: 'stratum 16 is not ok', change: ntpSaying({ stratum: 16 }), verdict: 'degraded' },
  { name: 'stratum 0 is not ok', change: ntpSaying({ stratum: 0 }), verdict: 'degraded' },
  {
    name: 'its own no is believed, though what it sends is right',
    change: ntpSaying({ isSynced: false }),
    verdict: 'degraded',
  },
  {
    name: 'its own no decides where nobody could measure',
    change: { ...ntpSaying({ isSynced: false }), ntp: notAsked },
    verdict: 'down',
    check: 'ntp-sync',
  },
  { name: 'a candidate is not a selected source', change: selecting('+'), verdict: 'degraded' },
  { name: 'a falseticker is not a selected source', change: selecting('x'), verdict: 'degraded' },
  {
    name: 'a yes without a selected source is not believed',
    change: ntpSaying({ selected: null }),
    verdict: 'unknown',
    check: 'ntp-sync',
    text: /selected source/,
  },
  {
    name: 'a health that says nothing about time is unknown',
    change: ntpSaying({ isSynced: null, leap: null, stratum: null, selected: null }),
    verdict: 'unknown',
    check: 'ntp-sync',
  },
  {
    name: 'a source that does not answer is degraded',
    change: selecting('*', 0),
    verdict: 'degraded',
    check: 'ntp-reach',
  },
  { name: 'a source that just started is ok', change: selecting('*', 0b11), verdict: 'ok' },
  { name: 'two lost polls are ok', change: selecting('*', 0b1101_1011), verdict: 'ok' },
  {
    name: 'three lost polls are degraded',
    change: selecting('*', 0b1001_1011),
    verdict: 'degraded',
    check: 'ntp-reach',
    text: /3 of the last 8/,
  },
  { name: 'an unknown reach is unknown', change: selecting('*', null), verdict: 'unknown' },

  // Seen from outside.
  {
    name: 'silence on UDP 123 is down although HTTP says healthy',
    change: { ntp: noAnswer },
    verdict: 'down',
    check: 'ntp-answer',
    text: /^no answer on UDP 123/,
  },
  {
    name: 'a leap alarm on the wire is down although HTTP says healthy',
    change: { ntp: fail({ code: 'unsynchronised', detail: 'leap alarm, stratum 1' }) },
    verdict: 'down',
    check: 'ntp-answer',
  },
  {
    name: 'not being served because of our rate is unknown, not down',
    change: { ntp: fail({ code: 'kiss', detail: 'the server refuses us (RATE)' }) },
    verdict: 'unknown',
    check: 'ntp-answer',
  },
  {
    name: 'a fault of this machine accuses nobody',
    change: { ntp: notAsked },
    verdict: 'unknown',
    check: 'ntp-answer',
  },
  {
    name: 'a clock that is wrong but content with itself is found by measuring',
    change: alone({ offsetSeconds: -2.5 }),
    verdict: 'degraded',
    check: 'ntp-offset',
    text: /^clock is off by -2\.50 s ± 400 µs \(limit 100 ms\)$/,
  },
  {
    name: 'a measurement too coarse to tell accuses nobody',
    change: alone({ offsetSeconds: 0.12, errorSeconds: 0.05 }),
    verdict: 'unknown',
    check: 'ntp-offset',
  },
  {
    name: 'an offset of its own word above the limit is degraded',
    change: ntpSaying({ offsetMs: -130 }),
    verdict: 'degraded',
    check: 'ntp-offset',
    text: /says it is off by -130 ms/,
  },
  {
    name: 'a root distance that clients reject is down',
    change: { ntp: ok(goodMeasurement({ rootDistanceSeconds: 1.6 })) },
    verdict: 'down',
    check: 'ntp-distance',
  },
  {
    name: 'a large root distance is degraded',
    change: { ntp: ok(goodMeasurement({ rootDistanceSeconds: 0.6 })) },
    verdict: 'degraded',
    check: 'ntp-distance',
  },

  // Stratum is a result.
  {
    name: 'a GPS server at stratum 2 has lost its reference',
    change: { ntp: ok(goodMeasurement({ stratum: 2, refid: '192.168.1.102' })) },
    verdict: 'degraded',
    check: 'stratum',
  },
  {
    name: 'a relay at stratum 1 is not believed',
    change: { ...relay, ntp: ok(goodMeasurement()) },
    verdict: 'degraded',
    check: 'stratum',
  },
  {
    name: 'a relay far down is degraded',
    change: { ...relay, ntp: ok({ ...relayMeasurement, stratum: 10 }) },
    verdict: 'degraded',
    check: 'stratum',
  },
  {
    name: 'a daemon that may not set the clock steers nothing',
    change: saying({ clock: { isDisciplined: false, reason: 'no CAP_SYS_TIME' } }),
    verdict: 'degraded',
    check: 'discipline',
    text: /no CAP_SYS_TIME/,
  },
  {
    name: 'an unknown discipline is unknown',
    change: saying({ clock: { isDisciplined: null, reason: null } }),
    verdict: 'unknown',
    check: 'discipline',
  },
  {
    name: 'discipline does not matter where none is wanted',
    change: {
      ...saying({ clock: { isDisciplined: false, reason: null } }),
      thresholds: { ...defaultThresholds, isDisciplineWanted: false },
    },
    verdict: 'ok',
  },

  // HTTP.
  {
    name: 'no HTTP is degraded while time is served',
    change: { http: noHttp },
    verdict: 'degraded',
  },
  {
    name: 'unhealthy is degraded while time is served, with its reasons',
    change: saying({ status: 'unhealthy', httpStatus: 503, reasons: ['no fix', 'no PPS'] }),
    verdict: 'degraded',
    check: 'http',
    text: /^says unhealthy: no fix; no PPS$/,
  },
  { name: 'degraded is degraded', change: saying({ status: 'degraded' }), verdict: 'degraded' },
  { name: 'no status is unknown', change: saying({ status: null }), verdict: 'unknown' },
  {
    name: 'healthy with HTTP 503 is not ok',
    change: saying({ httpStatus: 503 }),
    verdict: 'degraded',
  },

  {
    name: 'an API that answers without a key is degraded',
    change: keeping({ keyless: ok(200) }),
    verdict: 'degraded',
    check: 'contract',
    text: /its API answers without a key/,
  },
  {
    name: 'a version other than that of its label is degraded',
    change: running({ versionLabel: '0.2.0' }),
    verdict: 'degraded',
    check: 'contract',
    text: /says version 0.1.0, and its image is labelled 0.2.0/,
  },
  {
    name: 'a server without metrics is degraded: nobody can watch it',
    change: keeping({ metrics: noHttp }),
    verdict: 'degraded',
    check: 'contract',
  },
  {
    name: 'a contract that nobody asked about is no fault',
    change: { contract: null },
    verdict: 'ok',
  },

  // Container, disk, generation, release, drift.
  {
    name: 'a device that cannot be looked at is unknown',
    change: { observed: noSsh },
    verdict: 'unknown',
  },
  { name: 'an absent container is down', change: running({ state: 'absent' }), verdict: 'down' },
  {
    name: 'a restarting container is down',
    change: running({ state: 'restarting' }),
    verdict: 'down',
  },
  {
    name: 'an unknown container is unknown',
    change: running({ state: 'unknown' }),
    verdict: 'unknown',
  },
  {
    name: 'an unhealthy container is degraded',
    change: running({ health: 'unhealthy' }),
    verdict: 'degraded',
  },
  {
    name: 'a container without a health check is ok',
    change: running({ health: 'none' }),
    verdict: 'ok',
  },
  {
    name: 'no container at all is unknown',
    change: seeing({ containers: new Map() }),
    verdict: 'unknown',
  },
  { name: 'a disk just below the limit is ok', change: diskAt(79.9), verdict: 'ok' },
  {
    name: 'a disk at the limit is degraded',
    change: diskAt(80),
    verdict: 'degraded',
    check: 'disk',
  },
  {
    name: 'the fullest disk counts, whoever saw it',
    change: saying({ diskUsedPercent: 97 }),
    verdict: 'degraded',
    text: /^disk 97 % used \(limit 80 %\)$/,
  },
  {
    name: 'a disk that nobody saw is unknown, not empty',
    change: { ...saying({ diskUsedPercent: null }), ...seeing({ disks: new Map() }) },
    verdict: 'unknown',
    check: 'disk',
  },
  {
    name: 'an unconfirmed generation is degraded',
    change: seeing({ pending: 4 }),
    verdict: 'degraded',
  },
  {
    name: 'a device that reverted by itself is degraded',
    change: seeing({ recovered: { generation: 4, reason: 'unconfirmed' } }),
    verdict: 'degraded',
    check: 'generation',
    text: /reverted generation 4/,
  },
  {
    name: 'going back is forgotten once a later generation is active',
    change: seeing({ generation: 5, recovered: { generation: 4, reason: 'unconfirmed' } }),
    verdict: 'ok',
  },
  {
    name: 'a wanted reboot takes no time from anybody: the plan tells of it',
    change: seeing({ rebootRequired: true }),
    verdict: 'ok',
  },
  {
    name: 'another release is degraded',
    change: { release: { wanted: '0.2.0', running: '0.1.0' } },
    verdict: 'degraded',
    check: 'release',
  },
  {
    name: 'an unknown release is unknown',
    change: { release: { wanted: '0.2.0', running: null } },
    verdict: 'unknown',
  },
  {
    name: 'no release asked for is ok',
    change: { release: { wanted: null, running: null } },
    verdict: 'ok',
  },
  {
    name: 'drift is degraded, and names what differs',
    change: { drift: ['file:/a', 'file:/b', 'service:gpsd', 'package:git'] },
    verdict: 'degraded',
    check: 'drift',
    text: /^drift: file:\/a, file:\/b, service:gpsd, 1 more$/,
  },
  {
    name: 'drift that nobody could look for, without the keys, is no fault of the device',
    change: { drift: null },
    verdict: 'ok',
  },
]
