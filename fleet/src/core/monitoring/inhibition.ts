/** Alerts that are kept back because another one says why. */
import type { AlertName } from './alert-names.ts'

interface InhibitRule {
  readonly source_matchers: readonly string[]
  readonly target_matchers: readonly string[]
  readonly equal: readonly string[]
}

const sloBurn = ['ClockSloBurnFast', 'ClockSloBurnSlow'] as const

/** By device, never by alert name: two labels that are missing count as equal in Alertmanager. */
export const inhibitRules: readonly InhibitRule[] = [
  {
    source_matchers: [matcher(['ServiceDown'])],
    target_matchers: ['alertname!="ServiceDown"', 'device=~".+"'],
    equal: ['fleet', 'device'],
  },
  because('UpstreamsLost', [
    'NTPNotSynced',
    'StratumChanged',
    'HighOffset',
    'RootDistanceHigh',
    'FrequencyStep',
    'ClockOffsetHigh',
    ...sloBurn,
  ]),
  because('NTPUnreachable', sloBurn),
  because('Falseticker', ['ClockOffsetHigh', ...sloBurn]),
  because('ClockSloBurnFast', ['ClockSloBurnSlow']),
  because('HoldoverTooLong', ['GpsFixLost']),
]

function because(source: AlertName, targets: readonly AlertName[]): InhibitRule {
  return {
    source_matchers: [matcher([source])],
    target_matchers: [matcher(targets), 'device=~".+"'],
    equal: ['fleet', 'device'],
  }
}

function matcher(names: readonly AlertName[]): string {
  const [first, ...others] = names
  return others.length === 0 ? `alertname="${first}"` : `alertname=~"${names.join('|')}"`
}
