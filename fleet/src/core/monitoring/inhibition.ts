/** Alerts that are kept back because another one says why. */
import { publicName, type AlertName, type Naming } from './alert-names.ts'

interface InhibitRule {
  readonly source_matchers: readonly string[]
  readonly target_matchers: readonly string[]
  readonly equal: readonly string[]
}

const sloBurn = ['ClockSloBurnFast', 'ClockSloBurnSlow'] as const

/** `because` keeps back `targets`, or everything else. */
interface Reason {
  readonly because: AlertName
  readonly targets: readonly AlertName[] | 'everything else'
}

const reasons: readonly Reason[] = [
  { because: 'ServiceDown', targets: 'everything else' },
  {
    because: 'UpstreamsLost',
    targets: [
      'NTPNotSynced',
      'StratumChanged',
      'HighOffset',
      'RootDistanceHigh',
      'FrequencyStep',
      'ClockOffsetHigh',
      ...sloBurn,
    ],
  },
  { because: 'NTPUnreachable', targets: sloBurn },
  { because: 'NTPNotSynced', targets: sloBurn },
  { because: 'Falseticker', targets: ['ClockOffsetHigh', ...sloBurn] },
  { because: 'ClockSloBurnFast', targets: ['ClockSloBurnSlow'] },
  { because: 'HoldoverTooLong', targets: ['GpsFixLost'] },
]

/** By device, never by alert name: two labels that are missing count as equal in Alertmanager. */
export function inhibitRules(naming: Naming): InhibitRule[] {
  return reasons.map(({ because, targets }) => {
    const source = publicName(because, naming)
    const names = targets === 'everything else' ? null : targets
    const target =
      names === null
        ? `alertname!="${source}"`
        : nameMatcher(names.map((name) => publicName(name, naming)))
    return {
      source_matchers: [nameMatcher([source])],
      target_matchers: [target, 'device=~".+"'],
      equal: ['fleet', 'device'],
    }
  })
}

export function nameMatcher(names: readonly string[]): string {
  const [first, ...others] = names
  return others.length === 0 ? `alertname="${first}"` : `alertname=~"${names.join('|')}"`
}
