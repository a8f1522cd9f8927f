/** The table of alerts for people: Markdown, with the limits that a fleet without settings has. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { alertNames } from './alert-names.ts'
import { alerts } from './alerts/alerts.ts'
import { forMsOf } from './rules.ts'
import { formatDuration } from '@timeball/lib/duration.ts'

/** Ends with a newline. `runbooks` is the way to their folder. */
export function alertTable(fleet: MonitoredFleet, runbooks: string): string {
  const rows = alertNames.map((name) => {
    const { severity, description } = alerts[name]
    const forMs = forMsOf(name, fleet)
    const after = forMs === 0 ? 'at once' : formatDuration(forMs)
    const cells = [`[${name}](${runbooks}/${name}.md)`, severity, after, description]
    return `| ${cells.map(plain).join(' | ')} |`
  })
  return [
    '| alert | severity | after | what it means |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function plain(text: string): string {
  return text
    .replaceAll(/\{\{ \$labels\.(?:device|instance) \}\}/g, 'the device')
    .replaceAll('{{ $labels.set }}', 'the set')
    .replaceAll('|', '\\|')
}
