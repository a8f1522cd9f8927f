/** What a rollout is about to do, for people and as a record. Nothing has moved yet. */
import { formatDuration } from '@timeball/lib/duration.ts'
import type { StyledLine } from '../../plan/format-plan.ts'
import { foldNames } from '../../plan/names.ts'
import { formatTable, type Column, type TableLayout } from '../../table.ts'
import type { Release, RolloutPlan } from '../plan.ts'
import type { RolloutSettings } from '../settings.ts'
import { counted } from '../show/event-line.ts'
import { leastTimeMs } from './least-time.ts'
import { quorumNow, quorumText } from './quorum-now.ts'
import { shortDigests } from '../../short-digest.ts'

export interface RolloutPlanView {
  readonly release: Pick<Release, 'image' | 'imageAsWritten' | 'kind'>
  readonly settings: RolloutSettings
  /** Devices that give good time now. */
  readonly good: ReadonlySet<string>
  readonly layout: TableLayout
}

/** Devices of a wave with the same role, site and reason are one row. */
export function formatRolloutPlan(plan: RolloutPlan, view: RolloutPlanView): StyledLine[] {
  const rows = rowsOf(plan)
  const heading = line('heading', headingOf(plan, view))
  const rest = [
    ...quorumLines(plan, view),
    ...waitingLines(plan, view),
    ...leftAloneLines(plan),
    ...warningLines(plan),
    ...promotionLines(plan, view.settings),
  ]
  if (rows.length === 0) return [heading, ...rest]
  const shown = columns.filter(
    ({ title }) => title !== 'SITE' || rows.some(({ site }) => site !== null),
  )
  const table = formatTable(rows, shown, view.layout).map((text) => line('plain', text))
  return [
    heading,
    empty,
    ...table,
    empty,
    ...rest,
    line('plain', leastTimeText(plan, view.settings)),
  ]
}

/** The record of `--json`; durations are seconds. Keys are only ever added. */
export function rolloutPlanRecord(
  plan: RolloutPlan,
  { release, settings, good }: Pick<RolloutPlanView, 'release' | 'settings' | 'good'>,
) {
  const names = waveNames(plan)
  return {
    image: release.image,
    image_as_written: release.imageAsWritten,
    kind: release.kind,
    waves: plan.waves.map(({ kind, devices }, index) => ({ wave: names[index], kind, devices })),
    devices: placesOf(plan),
    quorum: plan.quorum.map((set) => {
      const now = quorumNow(set, good)
      return {
        set: set.name,
        members: set.members,
        good: now.good,
        min_good: now.minGood,
        may_be_away: now.mayBeAway,
        verdict: now.verdict,
      }
    }),
    waiting_for: Object.fromEntries(waitingFor(plan, good)),
    left_alone: plan.leftAlone,
    warnings: plan.warnings,
    at_least_seconds: leastTimeMs(plan, settings) / 1000,
  }
}

interface Place {
  readonly wave: string
  readonly device: string
  readonly role: string
  readonly site: string | null
  readonly why: string
}

function placesOf({ waves, members, why }: RolloutPlan): Place[] {
  const byName = new Map(members.map((member) => [member.device, member]))
  const names = waveNames({ waves })
  return waves.flatMap(({ devices }, index) =>
    devices.flatMap((device) => {
      const member = byName.get(device)
      if (member === undefined) return []
      const { role, site } = member
      return [{ wave: names[index] ?? '', device, role, site, why: why[device] ?? '' }]
    }),
  )
}

/** `canary`, `1`, `2`, `held-back`. */
function waveNames({ waves }: Pick<RolloutPlan, 'waves'>): string[] {
  const before = waves.filter(({ kind }) => kind === 'canary').length
  return waves.map(({ kind }, index) => (kind === 'wave' ? String(index - before + 1) : kind))
}

function rowsOf(plan: RolloutPlan): Place[] {
  const groups = Map.groupBy(placesOf(plan), ({ wave, role, site, why }) =>
    JSON.stringify([wave, role, site, why]),
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const names = foldNames(group.map(({ device }) => device))
    const device = group.length === 1 ? names : `${names} (${group.length})`
    // The wave has a column of its own.
    return [{ ...first, device, why: first.why.replace(/^wave \d+: /, '') }]
  })
}

const columns: readonly Column<Place>[] = [
  column('WAVE', ({ wave }) => wave),
  { ...column('DEVICE', ({ device }) => device), shrink: true },
  column('ROLE', ({ role }) => role),
  column('SITE', ({ site }) => site ?? '?'),
  { ...column('WHY', ({ why }) => why), shrink: true },
]

function column(title: string, cell: (row: Place) => string): Column<Place> {
  return { title, align: 'left', cell, shrink: false }
}

function headingOf({ waves }: RolloutPlan, { release }: RolloutPlanView): string {
  const digest = release.image.split('@')[1]
  const written = release.imageAsWritten.split('@')[0] ?? release.imageAsWritten
  const image = `${written}${digest === undefined ? '' : ` (${shortDigests(digest)})`}`
  const what = release.kind === 'image' ? image : `configuration, on ${image}`
  const moving = waves.flatMap(({ devices }) => devices).length
  if (moving === 0) return `Rollout of ${what}: no device moves.`
  return `Rollout of ${what}: ${counted(moving, 'device')} in ${counted(waves.length, 'wave')}`
}

function quorumLines({ quorum }: RolloutPlan, { good }: RolloutPlanView): StyledLine[] {
  return quorum.map((set) => {
    const now = quorumNow(set, good)
    return line(now.verdict === 'ok' ? 'plain' : 'warning', quorumText(now))
  })
}

/** Devices that move, by a source of theirs that gives no good time now: they are not moved so. */
function waitingFor(
  { waves, members }: RolloutPlan,
  good: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const moving = new Set(waves.flatMap(({ devices }) => devices))
  const waiting = members.flatMap(({ device, upstreams }) =>
    upstreams
      .filter((source) => moving.has(device) && !good.has(source))
      .map((source) => ({ source, device })),
  )
  const bySource = Map.groupBy(waiting, ({ source }) => source)
  return new Map([...bySource].map(([source, all]) => [source, all.map(({ device }) => device)]))
}

function waitingLines(plan: RolloutPlan, { good }: RolloutPlanView): StyledLine[] {
  return [...waitingFor(plan, good)].map(([source, devices]) => {
    const follow = devices.length === 1 ? 'which follows it, waits' : 'which follow it, wait'
    const text = `${source} gives no good time now: ${foldNames(devices)}, ${follow} until it does`
    return line('warning', text)
  })
}

function leftAloneLines({ leftAlone }: RolloutPlan): StyledLine[] {
  const byReason = Map.groupBy(Object.entries(leftAlone), ([, reason]) => reason)
  return [...byReason].map(([reason, devices]) => {
    const names = foldNames(devices.map(([device]) => device))
    const many = devices.length === 1 ? '' : ` (${devices.length})`
    return line('dim', `left alone: ${names}${many}: ${reason}`)
  })
}

function warningLines({ warnings }: RolloutPlan): StyledLine[] {
  return warnings.map((text) => line('warning', `warning: ${text}`))
}

function promotionLines({ waves }: RolloutPlan, { canary }: RolloutSettings): StyledLine[] {
  const waits = canary.promote === 'manual' && waves.some(({ kind }) => kind === 'canary')
  if (!waits) return []
  return [line('plain', 'After the canaries it waits for you: timeball rollout promote')]
}

function leastTimeText(plan: RolloutPlan, settings: RolloutSettings): string {
  const total = formatDuration(leastTimeMs(plan, settings))
  const { canary, min_healthy_time } = settings
  const each = formatDuration(min_healthy_time)
  const soak = formatDuration(Math.max(canary.soak, min_healthy_time))
  const wait =
    promotionLines(plan, settings).length === 0 ? '' : ', and as long as it waits for you'
  return `Takes at least ${total}${wait}: every canary is watched for ${soak}, every other device for ${each}.`
}

const empty = line('plain', '')

function line(style: StyledLine['style'], text: string): StyledLine {
  return { style, text }
}
