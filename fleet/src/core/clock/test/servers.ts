/** Servers for tests: a good stratum 1 with a GPS receiver, and what is different about it. */
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import { judgeClocks } from '../judge.ts'
import { rowOf, type ClockRow } from '../row.ts'
import type { ClockReport, ClockServer, Upstream } from '../server.ts'

export function measured(change: Partial<NtpMeasurement> = {}): Swept {
  const value: NtpMeasurement = {
    offsetSeconds: 0,
    delaySeconds: 0.0004,
    errorSeconds: 0.0004,
    jitterSeconds: 0.00001,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0.001,
    rootDistanceSeconds: 0.0014,
    precisionSeconds: 2 ** -22,
    stratum: 1,
    leap: 0,
    refid: 'GPS',
    referenceAgeSeconds: 16,
    referenceStamps: [],
    samples: 4,
    ...change,
  }
  return { ...silent(), result: { ok: true, value }, answered: 4 }
}

export function silent(): Swept {
  const failure = { code: 'no-answer', detail: 'no answer on UDP 123 within 1000 ms' } as const
  return {
    result: { ok: false, failure },
    sent: 4,
    answered: 0,
    lost: 0,
    kiss: null,
    stranger: null,
    unsynchronised: null,
    heardSeconds: 0,
  }
}

/** As `ntp_servers` of an inventory names them, by IPv4 address. */
export function upstreams(...addresses: string[]): Upstream[] {
  return addresses.map((address) => ({ address, refid: address, clock: null }))
}

export function clockServer(name: string, change: Partial<ClockServer> = {}): ClockServer {
  return {
    name,
    kind: 'device',
    role: 'stratum1',
    address: null,
    port: 123,
    addresses: typeof change.address === 'string' ? [change.address] : [],
    ownRefids: [],
    upstreams: [],
    receiver: null,
    swept: measured(),
    previous: null,
    ...change,
  }
}

export function judged(servers: readonly ClockServer[]): ClockReport {
  const startedUnixMs = Date.UTC(2026, 10, 23)
  return judgeClocks(servers, { maxOffsetMs: 100, leapNotice: null, startedUnixMs })
}

export function rowsOf({ judgements }: ClockReport): ClockRow[] {
  return judgements.map((judgement) => rowOf(judgement, []))
}
