/** Alerts from what the controller measures: it does not take a server's word for its time. */
import type { AlertName } from '../alert-names.ts'
import { fromController, type Alert, type RuleContext } from './alert.ts'

const minute = 60_000
const hour = 60 * minute

export const clockAlerts = {
  NTPUnreachable: {
    severity: 'warning',
    forMs: 2 * minute,
    expr: (context) =>
      fromController(context, 'timeball_clock_verdict{verdict="unreachable"} == 1'),
    summary: '{{ $labels.device }} does not answer NTP',
    description: 'The controller asks the NTP port of {{ $labels.device }} and gets no answer.',
  },
  Falseticker: {
    severity: 'critical',
    forMs: minute,
    expr: (context) => fromController(context, 'timeball_clock_falseticker == 1'),
    summary: '{{ $labels.device }} serves wrong time',
    description:
      'The time of {{ $labels.device }} cannot be true, given the others (RFC 5905 section 11.2.1). What it says of itself may look perfect.',
  },
  NoMajority: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: (context) => fromController(context, 'timeball_clock_decided == 0'),
    summary: 'Nobody can tell which clocks are right',
    description:
      'Too few independent servers, or they are split. Until there is a majority a false clock cannot be found.',
  },
  ClockOffsetHigh: {
    severity: 'critical',
    forMs: 5 * minute,
    expr: (context) => {
      const { measured_offset_ms: limitMs } = context.fleet.settings.monitoring.thresholds
      return fromController(context, `timeball:clock_offset_sure_seconds > ${limitMs / 1000}`)
    },
    summary: '{{ $labels.device }} is at least {{ humanizeDuration $value }} off',
    description: 'As measured from outside, after the whole error of the measurement is taken off.',
  },
  ClockSloBurnFast: {
    severity: 'warning',
    forMs: 2 * minute,
    expr: (context) => burn(context, { long: hour, short: 5 * minute, rate: 14.4 }),
    summary:
      '{{ $labels.device }} misses its objective fast: {{ humanizePercentage $value }} of the last hour',
    description: 'At this rate the error budget of a month is gone in two days.',
  },
  ClockSloBurnSlow: {
    severity: 'warning',
    forMs: 15 * minute,
    expr: (context) => burn(context, { long: 6 * hour, short: 30 * minute, rate: 6 }),
    summary:
      '{{ $labels.device }} misses its objective: {{ humanizePercentage $value }} of six hours',
    description: 'At this rate the error budget of a month is gone in five days.',
  },
} as const satisfies Partial<Record<AlertName, Alert>>

/**
 * The two windows are Google's (The Site Reliability Workbook, "Alerting on SLOs"): the long one
 * makes sure that it matters, the short one that it still goes on.
 */
function burn(
  context: RuleContext,
  { long, short, rate }: { readonly long: number; readonly short: number; readonly rate: number },
): string | null {
  const { fleet, scale } = context
  // Never asks for more than everything: an objective of 50 % cannot burn 14.4 times too fast.
  const limit = Math.min(0.99, (rate * (100 - fleet.settings.clock.slo.percent)) / 100)
  // Of the whole window: an average of the first half minute of a new server would be all or nothing.
  const over = (ms: number): string => {
    const samples = scale.windowMs(ms) / fleet.settings.monitoring.scrape_interval
    const missed = `sum_over_time(timeball:clock_missed[${scale.window(ms)}])`
    return `${missed} / ${Number(samples.toPrecision(6))} > ${Number(limit.toPrecision(6))}`
  }
  return fromController(context, `${over(long)} and ${over(short)}`)
}
