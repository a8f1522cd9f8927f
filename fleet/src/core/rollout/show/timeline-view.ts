/** A rollout from its journal: what happened when, and what became of each device. */
import { foldNames } from '../../plan/names.ts'
import { formatTable, type Column, type TableLayout } from '../../table.ts'
import type { RolloutEvent } from '../event.ts'
import { replay } from '../evolve.ts'
import type { DeviceState, RolloutState } from '../state.ts'
import { eventLine, gapText, type EventLine } from './event-line.ts'
import { releaseText } from './release-text.ts'
import { titleLines } from './status-view.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { formatInstant } from './times.ts'
import { waveName } from './waves.ts'

/** Empty when the journal does not begin with `started`. */
export function timelineView(events: readonly RolloutEvent[], layout: TableLayout): string[] {
  const state = replay(events)
  if (state === null) return []
  const told = Map.groupBy(events, (event) => ('device' in event ? event.device : ''))
  const rows = [...state.devices.values()]
    .filter(({ phase }) => phase !== 'waiting')
    .map((device) => outcomeOf(device, state, told.get(device.device) ?? []))
  return [
    ...headerLines(state, events, layout),
    '',
    ...formatTable(timelineRows(events, state), timelineColumns, layout),
    ...(rows.length === 0 ? [] : ['', ...formatTable(rows, outcomeColumns, layout)]),
    ...leftAloneLines(state),
  ]
}

function headerLines(
  state: RolloutState,
  events: readonly RolloutEvent[],
  layout: TableLayout,
): string[] {
  const { started, startedMs } = state
  const { by, why, release, allowQuorumLoss, overrideFreeze } = started
  const tookMs = (events.at(-1)?.atUnixMs ?? startedMs) - startedMs
  return [
    ...titleLines(state, layout),
    `  ${releaseText(release)}`,
    `  by ${by}${why === '' ? '' : `: ${why}`}`,
    `  ${formatInstant(startedMs)}, ${formatSpan(tookMs)}`,
    ...(allowQuorumLoss ? ['  the quorum was allowed to be lost'] : []),
    ...(overrideFreeze === null ? [] : [`  freeze overridden: ${overrideFreeze}`]),
  ]
}

function leftAloneLines({ started }: RolloutState): string[] {
  const reasons = Map.groupBy(Object.entries(started.plan.leftAlone), ([, why]) => why)
  const lines = [...reasons].map(
    ([why, devices]) => `  ${foldNames(devices.map(([device]) => device))}: ${why}`,
  )
  return lines.length === 0 ? [] : ['', 'Left alone:', ...lines]
}

interface TimelineRow extends EventLine {
  readonly sinceStartMs: number
  readonly atUnixMs: number
}

/** Neighbours that say the same are one row, at the time of the first. */
function timelineRows(events: readonly RolloutEvent[], state: RolloutState): TimelineRow[] {
  const rows: { row: TimelineRow; type: string; subjects: string[] }[] = []
  for (const event of events) {
    const line = eventLine(event, state.started.plan)
    const last = rows.at(-1)
    if (last !== undefined && last.type === event.type && last.row.text === line.text) {
      last.subjects.push(line.subject)
      continue
    }
    const sinceStartMs = event.atUnixMs - state.startedMs
    const row = { ...line, sinceStartMs, atUnixMs: event.atUnixMs }
    rows.push({ row, type: event.type, subjects: [line.subject] })
  }
  return rows.map(({ row, subjects }) => ({
    ...row,
    subject: subjects.length === 1 ? row.subject : foldNames([...new Set(subjects)]),
  }))
}

const timelineColumns: readonly Column<TimelineRow>[] = [
  {
    title: 'AFTER',
    align: 'right',
    shrink: false,
    cell: ({ sinceStartMs }) => formatSpan(sinceStartMs),
  },
  {
    title: 'AT',
    align: 'left',
    shrink: false,
    cell: ({ atUnixMs }) => ({ text: formatInstant(atUnixMs), tone: 'dim' }),
  },
  { title: 'WHO', align: 'left', shrink: true, cell: ({ subject }) => subject },
  { title: 'WHAT', align: 'left', shrink: true, cell: ({ text, tone }) => ({ text, tone }) },
]

interface Outcome {
  readonly device: DeviceState
  readonly wave: string
  /** `3 -> 4`, and `3 -> 4 -> 5` when it was rolled back. */
  readonly generations: string
  readonly movedIn: string
  readonly settledIn: string
}

/** `events`: those of the device. */
function outcomeOf(
  device: DeviceState,
  { started }: RolloutState,
  events: readonly RolloutEvent[],
): Outcome {
  const generations: number[] = []
  let movedIn = ''
  for (const event of events) {
    if (event.type === 'moved') {
      generations.push(event.before, event.after)
      movedIn = event.tookSeconds === null ? '?' : formatSpan(event.tookSeconds * 1000)
    } else if (event.type === 'returned') {
      generations.push(event.generation)
    }
  }
  const { settledSeconds } = device
  return {
    device,
    wave: waveName(started.plan, device.wave),
    generations: generations.join(' -> '),
    movedIn,
    settledIn: settledSeconds === null ? unknownOf(device) : formatSpan(settledSeconds * 1000),
  }
}

/** Of a healthy device that nobody watched all the time; of others there is nothing to know. */
function unknownOf({ phase }: DeviceState): string {
  return phase === 'healthy' ? '?' : ''
}

const outcomeColumns: readonly Column<Outcome>[] = [
  plain('DEVICE', ({ device }) => device.device),
  plain('WAVE', ({ wave }) => wave),
  plain('RESULT', ({ device }) => device.phase.replace('-', ' ')),
  plain('GEN', ({ generations }) => generations),
  plain('MOVED IN', ({ movedIn }) => movedIn),
  plain('SETTLED IN', ({ settledIn }) => settledIn),
  plain('DOWNTIME', ({ device, device: { downtimeSeconds } }) =>
    downtimeSeconds === null ? unknownOf(device) : gapText(downtimeSeconds),
  ),
  { ...plain('WHY', ({ device }) => device.detail), shrink: true },
]

function plain(title: string, cell: (row: Outcome) => string): Column<Outcome> {
  return { title, align: 'left', shrink: false, cell }
}
