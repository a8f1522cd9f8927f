/** Events as progress: one live line on a terminal, a line for each step elsewhere. */
import { progressRecord } from '../api/records/make-records.ts'
import { shortDigests } from '../core/short-digest.ts'
import { explain } from '../api/explain.ts'
import type { DeviceOutcome, FleetEvent } from '../core/plan/event.ts'
import type { Records } from './records.ts'
import type { Terminal } from './terminal.ts'

const marks = {
  changed: '✓',
  unchanged: '·',
  failed: '✗',
  lost: '✗',
  'not-reached': '-',
} as const satisfies Record<DeviceOutcome['status'], string>

export function showProgress(
  terminal: Terminal,
  records: Records | null,
  total: number,
): (event: FleetEvent) => void {
  const phases = new Map<string, string>()
  let done = 0
  const live = (): void => {
    const busy = [...phases].slice(0, 4).map(([device, phase]) => `${device} ${phase}`)
    const more = phases.size > 4 ? `, ${phases.size - 4} more` : ''
    terminal.progress(`${done}/${total} done  ${busy.join(', ')}${more}`)
  }
  return (event) => {
    records?.write(progressRecord(event))
    switch (event.type) {
      case 'phase':
        phases.set(event.device, event.phase)
        if (!terminal.isInteractive && records === null && event.phase !== 'observing') {
          terminal.say(`${event.device}: ${event.phase}`)
        }
        break
      case 'resource':
        if (event.change !== 'none')
          phases.set(event.device, `${event.change} ${shortDigests(event.resource)}`)
        break
      case 'observed':
        phases.delete(event.device)
        done += 1
        break
      case 'outcome':
        phases.delete(event.outcome.device)
        done += 1
        if (records === null) terminal.say(outcomeLine(event.outcome))
        break
    }
    live()
  }
}

function outcomeLine(outcome: DeviceOutcome): string {
  const why = outcome.failure === null ? '' : `: ${explain(outcome.failure)}`
  return `${marks[outcome.status]} ${outcome.device} ${outcome.status}${why}`
}
