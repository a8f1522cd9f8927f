/** All rollouts of a fleet, and the releases that are blocked. */
import { formatTable, type Column, type TableLayout, type Tone } from '../../table.ts'
import type { BlockedRelease } from '../blocked-release.ts'
import type { RolloutSummary, SummaryStatus } from '../summary.ts'
import { shortDigests, shortHex } from '../../short-digest.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { formatInstant } from './times.ts'

const tones = {
  running: 'good',
  paused: 'warn',
  'rolling-back': 'bad',
  done: 'good',
  rolled_back: 'bad',
  aborted: 'warn',
  needs_attention: 'bad',
} as const satisfies Record<SummaryStatus, Tone>

const columns: readonly Column<RolloutSummary>[] = [
  column('ROLLOUT', ({ rollout }) => rollout),
  column('STATUS', ({ status }) => ({
    text: status.replace(/[_-]/, ' '),
    tone: tones[status],
  })),
  column('STARTED', ({ startedUnixMs }) => formatInstant(startedUnixMs)),
  {
    ...column('TOOK', ({ startedUnixMs, changedUnixMs }) =>
      formatSpan(changedUnixMs - startedUnixMs),
    ),
    align: 'right',
  },
  { ...column('DEVICES', ({ devices }) => String(devices)), align: 'right' },
  { ...column('RELEASE', ({ imageAsWritten }) => shortDigests(imageAsWritten)), shrink: true },
  column('BY', ({ by }) => by),
  { ...column('WHY', ({ why }) => why), shrink: true },
]

function column(title: string, cell: Column<RolloutSummary>['cell']): Column<RolloutSummary> {
  return { title, align: 'left', shrink: false, cell }
}

export function listView(
  rollouts: readonly RolloutSummary[],
  blocked: readonly BlockedRelease[],
  layout: TableLayout,
): string[] {
  const table =
    rollouts.length === 0 ? ['There was no rollout yet.'] : formatTable(rollouts, columns, layout)
  return [...table, ...blocked.flatMap(blockedLines)]
}

function blockedLines({ digest, image, rollout, why }: BlockedRelease): string[] {
  return [
    '',
    `blocked: ${shortHex(digest)}, since ${rollout} was rolled back: ${why}`,
    `  ${shortDigests(image)}`,
  ]
}
