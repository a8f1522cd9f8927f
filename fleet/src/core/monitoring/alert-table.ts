/** The table of alerts for people: Markdown, with the limits that a fleet without settings has. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { alertNames, type AlertName } from './alert-names.ts'
import { alerts } from './alerts/alerts.ts'
import { forMsOf } from './rules.ts'
import { formatDuration } from '@timeball/lib/duration.ts'

/** Ends with a newline. `runbooks` is the way to their folder. */
export function alertTable(fleet: MonitoredFleet, runbooks: string): string {
  const rows = alertNames.map((name) => {
    const { severity } = alerts[name]
    const forMs = forMsOf(name, fleet)
    const after = forMs === 0 ? 'at once' : formatDuration(forMs)
    const cells = [`[${name}](${runbooks}/${name}.md)`, severity, after, alertMeaning(name)]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return [
    '| alert | severity | after | what it means |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** What an alert means, without its templates. */
export function alertMeaning(name: AlertName): string {
  return alerts[name].description
    .replaceAll(/\{\{ \$labels\.(?:device|instance) \}\}/g, 'the device')
    .replaceAll('{{ $labels.set }}', 'the set')
}
