/** Unit tests for `promtool test rules`, from the table of alerts and the hand-written series. */
import type { MonitoredFleet } from '../monitored-fleet.ts'
import type { Alert } from '../alerts/alert.ts'
import { alerts } from '../alerts/alerts.ts'
import { publicName } from '../alert-names.ts'
import { annotationsOf, forMsOf, severityOf } from '../rules.ts'
import type { AlertCase, Point, TestedAlert } from './alert-cases.ts'

/** One test: quiet while all is good, quiet before `for` is over, firing, and over again. */
export function promtoolTest(name: TestedAlert, tested: AlertCase, fleet: MonitoredFleet): unknown {
  const { warmUpMinutes = 10, lagMinutes = 0, overMinutes = 40 } = tested
  const forMinutes = forMsOf(name, fleet) / 60_000
  const { keepFiringMs = 0 }: Alert = alerts[name]
  const keepMinutes = keepFiringMs / 60_000
  const badMinutes = lagMinutes + forMinutes + 3
  const goodMinutes = keepMinutes + overMinutes
  const phases = [warmUpMinutes, badMinutes, goodMinutes]
  const firing = {
    exp_labels: labelsOf(name, tested, fleet),
    exp_annotations: textsOf(name, tested, fleet),
  }
  const alertname = publicName(name, fleet.settings.monitoring)
  const firesAt = warmUpMinutes + lagMinutes + forMinutes + 2
  return {
    name,
    interval: '1m',
    input_series: Object.entries(tested.series).map(([series, points]) => ({
      series,
      values: valuesOf(points, phases),
    })),
    alert_rule_test: [
      quiet(alertname, warmUpMinutes - 1),
      ...(forMinutes < 2 ? [] : [quiet(alertname, warmUpMinutes + Math.floor(forMinutes / 2))]),
      { eval_time: `${firesAt}m`, alertname, exp_alerts: [firing] },
      quiet(alertname, warmUpMinutes + badMinutes + goodMinutes - 1),
    ],
  }
}

function quiet(alertname: string, minutes: number): unknown {
  return { eval_time: `${minutes}m`, alertname, exp_alerts: [] }
}

function labelsOf(name: TestedAlert, { labels }: AlertCase, fleet: MonitoredFleet): unknown {
  return { ...labels, severity: severityOf(name, fleet), fleet: fleet.name }
}

function textsOf(
  name: TestedAlert,
  { labels, summary }: AlertCase,
  fleet: MonitoredFleet,
): unknown {
  const { description = '', ...rest } = annotationsOf(name, fleet)
  const filled = description.replaceAll(
    /\{\{ \$labels\.(\w+) \}\}/g,
    (_, label: string) => labels[label] ?? '',
  )
  return { ...rest, summary, description: filled }
}

/** In promtool's notation, a sample a minute. */
function valuesOf(
  [good, bad]: readonly [Point, Point],
  [warmUp = 0, badMinutes = 0, after = 0]: readonly number[],
): string {
  return [
    phase(good, 0, warmUp),
    phase(bad, warmUp, badMinutes),
    phase(good, warmUp + badMinutes, after),
  ].join(' ')
}

function phase(point: Point, start: number, minutes: number): string {
  if (point === 'absent') return `stale _x${minutes - 1}`
  if (point === 'now') return `${start * 60}+60x${minutes - 1}`
  if (point === 'growing') return `100+1x${minutes - 1}`
  return `${point === 'frozen' ? start * 60 : point}+0x${minutes - 1}`
}
