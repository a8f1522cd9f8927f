/** Builders for tests: a healthy PPS server, from which a test changes only what it is about. */
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Observed, ObservedContainer } from '../../plan/observed.ts'
import { clockServer, judged, measured, silent } from '../../clock/test/servers.ts'
import { clockEvidence } from '../../service/clock-evidence.ts'
import type { ContractEvidence } from '../../service/contract.ts'
import type { ClockEvidence } from '../../service/evidence.ts'
import { ok } from '@timeball/lib/result.ts'
import type { TimeServerHealth, TimeServerNtp } from '../time-server-health.ts'
import { defaultThresholds, type HealthInput } from '../verdict.ts'

/** With `o` in the tally column: ntpd's own sign of a peer that is disciplined by PPS. */
export function healthyNtp(change: Partial<TimeServerNtp> = {}): TimeServerNtp {
  return {
    isSynced: true,
    leap: 0,
    stratum: 1,
    offsetMs: 0.002,
    rootDelayMs: 0,
    rootDispersionMs: 1.2,
    refid: 'PPS',
    selected: { address: 'PPS(0)', tally: 'o', reach: 255 },
    peers: 5,
    ...change,
  }
}

export function healthyHttp(change: Partial<TimeServerHealth> = {}): TimeServerHealth {
  return {
    httpStatus: 200,
    status: 'healthy',
    reasons: [],
    version: '0.1.0',
    device: 'pi-gps-01',
    uptimeSeconds: 86_400,
    ntp: healthyNtp(),
    gps: { state: 'fix', reason: null },
    diskUsedPercent: 41,
    clock: { isDisciplined: true, reason: null },
    ...change,
  }
}

/** What a server answers that keeps its contract. */
export function keptContract(change: Partial<ContractEvidence> = {}): ContractEvidence {
  const names = ['ntp_synced', 'ntp_offset_ms', 'ntp_stratum', 'disk_usage_percent']
  return { metrics: ok(new Set(names)), keyless: ok(401), ...change }
}

export function goodMeasurement(change: Partial<NtpMeasurement> = {}): NtpMeasurement {
  return {
    offsetSeconds: 0.000012,
    delaySeconds: 0.0004,
    errorSeconds: 0.0004,
    jitterSeconds: 0.00001,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0.0012,
    rootDistanceSeconds: 0.0016,
    precisionSeconds: 2 ** -20,
    stratum: 1,
    leap: 0,
    refid: 'PPS',
    referenceAgeSeconds: 8,
    referenceStamps: [],
    samples: 4,
    ...change,
  }
}

export function container(change: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    name: 'mcp-utc-time',
    state: 'running',
    imageId: null,
    imageName: null,
    project: 'mcp-utc-time-server',
    versionLabel: null,
    restarts: 0,
    health: 'healthy',
    activated: true,
    ...change,
  }
}

export function observed(change: Partial<Observed> = {}): Observed {
  return {
    nonce: '0'.repeat(32),
    hostname: 'pi-gps-01',
    arch: 'aarch64',
    os: 'debian 13',
    bootId: 'b',
    uptimeSeconds: 90_000,
    generation: 3,
    state: 's3',
    epoch: 12,
    epochBy: null,
    epochAgeSeconds: null,
    pending: null,
    rebootRequired: false,
    busy: null,
    returning: null,
    recovered: null,
    packages: new Map(),
    files: new Map(),
    bootConfig: null,
    services: new Map(),
    containers: new Map([['mcp-utc-time', container()]]),
    logs: new Map(),
    images: new Map(),
    disks: new Map([['/', { path: '/', sizeBytes: 100, freeBytes: 60, usedPercent: 40 }]]),
    ...change,
  }
}

/** As the others see it: it agrees with them, unless it could not be measured. */
export function clockOf(
  ntp: HealthInput['ntp'],
  change: Partial<ClockEvidence> = {},
): ClockEvidence {
  const server = clockServer('pi-gps-01', {
    swept: ntp.ok ? measured({ ...ntp.value, offsetSeconds: 0 }) : { ...silent(), result: ntp },
  })
  const others = ['a', 'b', 'c'].map((name) => clockServer(name))
  const evidence = clockEvidence(judged([server, ...others])).get('pi-gps-01')
  if (evidence === undefined) throw new Error('it is a server of the sweep')
  return { ...evidence, ...change }
}

export function healthy(change: Partial<HealthInput> = {}): HealthInput {
  const ntp = change.ntp ?? ok(goodMeasurement())
  return {
    device: 'pi-gps-01',
    role: 'stratum1',
    http: ok(healthyHttp()),
    contract: { contract: keptContract(), hasKeys: true },
    ntp,
    clock: clockOf(ntp),
    observed: ok(observed()),
    drift: [],
    release: { wanted: '0.1.0', running: '0.1.0' },
    thresholds: defaultThresholds,
    ...change,
  }
}
