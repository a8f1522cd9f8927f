/** A rollout as it is now: header, bar, and the devices that matter. */
import { ofFleet } from '../../fleet-title.ts'
import { formatTable, paint, wrapToWidth, type TableLayout, type Tone } from '../../table.ts'
import type { Outlook } from '../outlook.ts'
import type { RolloutState, RolloutStatus } from '../state.ts'
import { deviceRows, statusColumns, type DeviceRow } from './device-rows.ts'
import { blockText, counted, resultText, withReason } from './event-line.ts'
import { releaseText } from './release-text.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { progressOfWaves } from './waves.ts'

export interface StatusLook {
  readonly nowMs: number
  /** What its runner knows; `null`: nobody runs it, or has measured yet. */
  readonly outlook: Outlook | null
}

/** More rows than this are folded. */
const shownRows = 30
const barWidth = 32

export function statusView(state: RolloutState, look: StatusLook, layout: TableLayout): string[] {
  const { freeze = null, obstacle = null, blocked = {} } = look.outlook ?? {}
  const rows = deviceRows(state, look.nowMs, new Map(Object.entries(blocked)))
  const shown = rows.length <= shownRows ? rows : rows.filter(isNews).slice(0, shownRows)
  const left = rows.length - shown.length
  return [
    ...headerLines(state, look, layout),
    '',
    ...barLines(state, layout),
    ...(freeze === null ? [] : [`frozen: ${freeze}`]),
    ...(obstacle === null ? [] : [`does not go on: ${obstacle.text}`]),
    '',
    ...(shown.length === 0 ? [] : formatTable(shown, statusColumns, layout)),
    ...(left === 0 ? [] : [`… and ${counted(left, 'device')}: ${phasesText(rows, shown)}`]),
  ]
}

/** In progress, or with something to say. */
function isNews({ device: { phase }, why }: DeviceRow): boolean {
  return (phase !== 'waiting' && phase !== 'healthy') || (phase === 'waiting' && why !== '')
}

function phasesText(rows: readonly DeviceRow[], shown: readonly DeviceRow[]): string {
  const named = new Set(shown)
  const phases = Map.groupBy(
    rows.filter((row) => !named.has(row)),
    ({ device }) => device.phase,
  )
  return [...phases]
    .map(([phase, members]) => `${members.length} ${phase.replace('-', ' ')}`)
    .join(', ')
}

function headerLines(state: RolloutState, look: StatusLook, layout: TableLayout): string[] {
  const { started, startedMs, status } = state
  const { by, why, release } = started
  const words = why === '' ? '' : `: ${why}`
  const elapsed = status.kind === 'ended' ? '' : `, ${formatSpan(look.nowMs - startedMs)} ago`
  return [
    ...titleLines(state, layout),
    `  ${releaseText(release)}`,
    `  by ${by}${elapsed}${words}`,
    ...blockLines(state),
  ]
}

/** `Rollout r-1 of fleet prod: running`; what does not fit into a line stands below, set in. */
export function titleLines({ started, status }: RolloutState, layout: TableLayout): string[] {
  const { text, tone } = statusText(status)
  const head = `Rollout ${started.rollout}${ofFleet(started.fleet)}: `
  const width = layout.width === null ? Infinity : Math.max(20, layout.width - 4)
  const [first = '', ...more] = wrapToWidth(`${head}${text}`, width)
  const toned = (part: string): string => (layout.color && part !== '' ? paint(part, tone) : part)
  const rest = more.map((part) => `    ${toned(part)}`)
  return [`${first.slice(0, head.length)}${toned(first.slice(head.length))}`, ...rest]
}

/** Of one that was rolled back: whether it may be tried again, and how. */
function blockLines({ status, isBlocked }: RolloutState): string[] {
  const isBack =
    status.kind === 'rolling-back' || (status.kind === 'ended' && status.result !== 'done')
  if (!isBack) return []
  const how = isBlocked ? ' until somebody looked: timeball rollout unblock' : ''
  return [`  ${blockText(isBlocked)}${how}`]
}

/** `paused: interrupted`, `rolled back: 1 device failed; …` */
export function statusText(status: RolloutStatus): { readonly text: string; readonly tone: Tone } {
  switch (status.kind) {
    case 'running':
      return { text: 'running', tone: 'good' }
    case 'paused': {
      const words = status.awaits === 'promotion' ? 'awaits promotion' : 'paused'
      return { text: withReason(words, status.why), tone: 'warn' }
    }
    case 'rolling-back':
      return { text: withReason('rolling back', status.why), tone: 'bad' }
    case 'ended': {
      const tone = status.result === 'done' ? 'good' : 'bad'
      return { text: withReason(resultText(status.result), status.why), tone }
    }
  }
}

/** `████▒▒░░░░  3 of 8 moved   canary 1/1, wave 1 2/3, wave 2 0/4`, the waves below where it is narrow. */
function barLines(state: RolloutState, { color, width }: TableLayout): string[] {
  const waves = progressOfWaves(state)
  const total = state.devices.size
  const healthy = waves.reduce((sum, wave) => sum + wave.healthy, 0)
  const inProgress = waves.reduce((sum, wave) => sum + wave.inProgress, 0)
  const names = waves.map((wave) => `${wave.name} ${wave.healthy}/${wave.devices}`)
  const bar = progressBar({ total, healthy, inProgress })
    .map(({ text, tone }) => (color ? paint(text, tone) : text))
    .join('')
  const shown = names.length <= 8 ? names : [...names.slice(0, 7), `${names.length - 7} more`]
  const counts = `  ${healthy} of ${total} moved`
  const places = shown.join(', ')
  const length = barWidth + counts.length + 3 + places.length
  if (width === null || length <= width) return [`${bar}${counts}   ${places}`]
  return [`${bar}${counts}`, ...wrapToWidth(places, width - 2).map((text) => `  ${text}`)]
}

interface Counts {
  readonly total: number
  readonly healthy: number
  readonly inProgress: number
}

/** Whatever moves is seen, however small its share is. */
function progressBar({ total, healthy, inProgress }: Counts): { text: string; tone: Tone }[] {
  const cells = (count: number): number =>
    total === 0 ? 0 : Math.floor((count / total) * barWidth)
  const moving = inProgress === 0 ? 0 : Math.max(1, cells(inProgress))
  const done = Math.min(cells(healthy), barWidth - moving)
  return [
    { text: '█'.repeat(done), tone: 'good' },
    { text: '▒'.repeat(moving), tone: 'warn' },
    { text: '░'.repeat(barWidth - done - moving), tone: 'dim' },
  ]
}
