/** What the other servers of a sweep say about a device is worth. */
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import { ok } from '@timeball/lib/result.ts'
import type { ClockEvidence } from '../../service/evidence.ts'
import type { HealthInput } from '../verdict.ts'
import type { Case } from './cases.ts'
import { clockOf, goodMeasurement } from './healthy.ts'

/** Verdicts of a sweep over the whole fleet. */
function judged(clock: Partial<ClockEvidence>): Partial<HealthInput> {
  return { clock: clockOf(ok(goodMeasurement()), { errorSeconds: 0.0004, ...clock }) }
}
/** A server that nobody can be compared with. */
export function alone(change: Partial<NtpMeasurement>): Partial<HealthInput> {
  const ntp = ok(goodMeasurement(change))
  return { ntp, clock: clockOf(ntp, { verdict: 'undecidable', votes: 1, peers: 0 }) }
}
export const clockCases: readonly Case[] = [
  { name: 'a truechimer is ok', change: judged({}), verdict: 'ok' },
  {
    name: 'too few servers for a majority are nothing against this one',
    change: judged({ verdict: 'undecidable' }),
    verdict: 'ok',
  },
  {
    name: 'a server that contradicts all others is not ok, although nobody has a majority',
    change: judged({ verdict: 'undecidable', votes: 2, peers: 2, contradicting: 2 }),
    verdict: 'degraded',
    check: 'clock',
    text: /^contradicts all 2 others/,
  },
  {
    name: 'a server that some contradict may be right',
    change: judged({ verdict: 'undecidable', votes: 3, peers: 3, contradicting: 1 }),
    verdict: 'unknown',
    check: 'clock',
    text: /1 of 3 other servers contradict it/,
  },
  {
    name: 'a falseticker by a few milliseconds is degraded',
    change: judged({ verdict: 'falseticker', offsetSeconds: 0.005 }),
    verdict: 'degraded',
    check: 'clock',
    text: /^falseticker: /,
  },
  {
    name: 'a falseticker beyond the limit is down, and its offset is told once',
    change: {
      ...judged({ verdict: 'falseticker', offsetSeconds: 2.5 }),
      ntp: ok(goodMeasurement({ offsetSeconds: 2.5 })),
    },
    verdict: 'down',
    check: 'clock',
  },
  {
    name: 'a week rollover is called by its name',
    change: judged({
      verdict: 'falseticker',
      offsetSeconds: -619_315_200,
      faults: [{ fault: 'week-rollover', level: 'bad', text: 'GPS week rollover' }],
    }),
    verdict: 'down',
    text: /GPS week rollover/,
  },
  {
    name: 'a fleet that agrees while this machine differs is degraded, not down',
    change: { ...judged({}), ntp: ok(goodMeasurement({ offsetSeconds: 2.5 })) },
    verdict: 'degraded',
    check: 'ntp-offset',
    text: /not with this machine's clock/,
  },
  {
    name: 'a leap flag that differs from the others is degraded',
    change: judged({
      faults: [{ fault: 'leap-differs', level: 'bad', text: 'leap flag differs' }],
    }),
    verdict: 'degraded',
    check: 'clock',
  },
  {
    name: 'a warning of the sweep is nothing to act on',
    change: judged({ faults: [{ fault: 'packet-loss', level: 'warn', text: 'lost 1 of 4' }] }),
    verdict: 'ok',
  },
]
