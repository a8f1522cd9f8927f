/** `status`: one screen of what somebody who comes to work wants to know, worst first. */
import { fleetTitle } from '../fleet-title.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Reachable } from '../device/device.ts'
import { worstFirst } from '../health/format.ts'
import type { HealthVerdict } from '../health/verdict.ts'
import { foldNames } from '../plan/names.ts'
import type { Waiting } from './waiting.ts'
import type { BlockedRelease } from '../rollout/blocked-release.ts'
import { formatHolder, type LeaseHolder } from '../rollout/lease.ts'
import { quorumText, type QuorumNow } from '../rollout/planning/quorum-now.ts'
import type { RolloutSummary, SummaryStatus } from '../rollout/summary.ts'
import { shortDigests } from '../short-digest.ts'
import type { TableLayout } from '../table.ts'
import { formatTopics, type Topic } from '../topics.ts'

/** What is remembered of rollouts; `null` where it could not be read. */
export interface Remembered {
  /** `null`: there was none. */
  readonly newest: RolloutSummary | null
  readonly blocked: readonly BlockedRelease[]
  /** Who changes the fleet now; `null`: nobody. */
  readonly holder: LeaseHolder | null
  /** Why the newest rollout does not move just now; `null`: it does, or it is over. */
  readonly still: string | null
  readonly waiting: readonly Waiting[]
}

export interface FleetStatus {
  readonly fleet: string
  /** As written in fleet.yaml. */
  readonly image: string
  readonly verdicts: readonly HealthVerdict[]
  /** How many give good time now, of all devices. */
  readonly good: number
  readonly quorum: readonly QuorumNow[]
  readonly remembered: Remembered | null
  /** Devices that were changed from here and left the inventory. */
  readonly left: readonly Reachable[]
  readonly nowUnixMs: number
}

export function statusLines(status: FleetStatus, layout: TableLayout): readonly string[] {
  const { fleet, image, verdicts } = status
  const devices = `${verdicts.length} ${verdicts.length === 1 ? 'device' : 'devices'}`
  const rows = [
    ...timeRows(status),
    ...troubleRows(verdicts),
    ...rolloutRows(status),
    ...waitingRows(status),
  ]
  return [
    `${fleetTitle(fleet)}: ${devices}, image ${shortDigests(image)}`,
    ...formatTopics(rows, layout),
  ]
}

function row(topic: string, text: string, tone: Topic['tone']): Topic {
  return { topic, text, tone }
}

const quorumTones = { ok: 'good', tight: 'warn', broken: 'bad' } as const

function timeRows({ verdicts, good, quorum }: FleetStatus): readonly Topic[] {
  const all = verdicts.length
  return [
    row('time', `${good} of ${all} give good time`, good === all ? 'good' : 'bad'),
    ...quorum.map((set) => row('time', quorumText(set), quorumTones[set.verdict])),
  ]
}

const shownTroubles = 12
const shownReasons = 3

/** Devices with the same reasons are one row; what drifted is a row of its own. */
function troubleRows(verdicts: readonly HealthVerdict[]): readonly Topic[] {
  const bad = worstFirst(verdicts)
  const rows = [...alikeRows('trouble', bad, troubleOf), ...alikeRows('drift', bad, driftOf)]
  if (rows.length === 0) return [row('trouble', 'none', 'good')]
  const left = rows.length - shownTroubles
  const more = left > 0 ? [row('more', `${left} more: timeball health`, 'warn')] : []
  return [...rows.slice(0, shownTroubles), ...more]
}

function alikeRows(
  topic: string,
  verdicts: readonly HealthVerdict[],
  textOf: (verdict: HealthVerdict) => string,
): readonly Topic[] {
  const alike = Map.groupBy(verdicts, textOf)
  alike.delete('')
  return [...alike].map(([text, rows]) => {
    const isDown = topic === 'trouble' && rows[0]?.verdict === 'down'
    return row(
      topic,
      `${foldNames(rows.map(({ device }) => device))} ${text}`,
      isDown ? 'bad' : 'warn',
    )
  })
}

/** Empty: there is none. */
function troubleOf({ verdict, reasons }: HealthVerdict): string {
  const others = reasons.filter(({ check }) => check !== 'drift').map(({ text }) => text)
  if (others.length === 0) return ''
  const more = others.length > shownReasons ? `; ${others.length - shownReasons} more` : ''
  return `${verdict}: ${others.slice(0, shownReasons).join('; ')}${more}`
}

function driftOf({ drift }: HealthVerdict): string {
  return drift === null || drift.length === 0 ? '' : drift.join(', ')
}

/** Of an unfinished rollout: what goes on with it. */
const waysOn: Partial<Readonly<Record<SummaryStatus, string>>> = {
  paused: 'timeball rollout status',
  needs_attention: 'timeball rollout show',
  'rolling-back': 'timeball rollout status --watch',
  running: 'timeball rollout status --watch',
}

function rolloutRows({ remembered, nowUnixMs }: FleetStatus): readonly Topic[] {
  if (remembered === null) return [row('rollout', 'what rollouts did could not be read', 'warn')]
  const { newest, holder, still } = remembered
  const ago = (unixMs: number): string => `${formatSpan(nowUnixMs - unixMs)} ago`
  return [
    ...(newest === null
      ? [row('rollout', 'there was none yet', 'dim')]
      : [rolloutRow(newest, ago)]),
    ...(still === null ? [] : [row('still', still, 'warn')]),
    ...(holder === null
      ? []
      : [row('at work', `${formatHolder(holder)}, began ${ago(holder.sinceUnixMs)}`, 'warn')]),
  ]
}

/** Each with the command that answers it. */
function waitingRows({ remembered, nowUnixMs }: FleetStatus): readonly Topic[] {
  return (remembered?.waiting ?? []).map(({ subject, why, command, sinceUnixMs }) => {
    const since = sinceUnixMs === null ? '' : ` for ${formatSpan(nowUnixMs - sinceUnixMs)}`
    return row('waits', `${subject}${since}: ${why}: ${command}`, 'warn')
  })
}

function rolloutRow(newest: RolloutSummary, ago: (unixMs: number) => string): Topic {
  const { rollout, status, changedUnixMs, by, why, imageAsWritten } = newest
  const wayOn = waysOn[status]
  const reason = why === '' ? '' : ` (${why})`
  const what = `${rollout} ${status.replace(/[_-]/, ' ')} ${ago(changedUnixMs)}`
  const to = `to ${shortDigests(imageAsWritten)} by ${by}${reason}`
  const more = wayOn === undefined ? '' : `; ${wayOn}`
  return row('rollout', `${what}, ${to}${more}`, status === 'done' ? null : 'warn')
}
