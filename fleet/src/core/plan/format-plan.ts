/** A fleet's plan as text: devices whose changes are the same are shown once. */
import type { Device } from '../device/device.ts'
import type { Change, DevicePlan } from './change.ts'
import type { FailureCode } from '../failure.ts'
import { failedLines } from './failed-lines.ts'
import { applyOrder, countChanges, hasWork, type FleetPlan } from './fleet-plan.ts'
import { foldNames } from './names.ts'
import { fleetTitle } from '../fleet-title.ts'
import { shortDigests } from '../short-digest.ts'

/** A line and what it means, for colours: the text itself is complete without them. */
export interface StyledLine {
  readonly text: string
  readonly style: 'plain' | 'heading' | 'added' | 'removed' | 'changed' | 'warning' | 'dim'
}

export interface PlanView {
  /** `full` shows the lines of changed files, `short` only that they change. */
  readonly diff: 'full' | 'short'
  /** What to do about a failure. */
  readonly wayOn: (code: FailureCode) => string
}

export function formatPlan(
  plan: FleetPlan,
  devices: readonly Device[],
  view: PlanView,
): StyledLine[] {
  const total = plan.devices.length + plan.failed.length
  const count = `${total} ${total === 1 ? 'device' : 'devices'}`
  return [
    line('heading', `${fleetTitle(plan.fleet)}: ${count}, image ${shortDigests(plan.image)}`),
    ...sameChanges(plan.devices.filter(hasWork), view),
    ...failedLines(plan.failed, view.wayOn),
    line('plain', ''),
    ...quietNotes(plan),
    ...plan.warnings.map((text) => line('warning', `warning: ${text}`)),
    line('plain', `Time service: ${serviceEffect(plan, devices)}`),
    line('heading', formatCounts(plan)),
  ]
}

/** `Plan: 12 to create, 3 to change, 0 to remove on 4 devices; 0 unchanged.` */
export function formatCounts(plan: FleetPlan): string {
  const counts = countChanges(plan)
  if (counts.devices + counts.unchanged === 0 && counts.failed > 0) {
    return counts.failed === 1 ? 'No plan: 1 unknown.' : `No plan: all ${counts.failed} unknown.`
  }
  const failed = counts.failed === 0 ? '' : `; ${counts.failed} unknown`
  if (counts.devices === 0) return `No changes: ${counts.unchanged} up to date${failed}.`
  const devices = counts.devices === 1 ? '1 device' : `${counts.devices} devices`
  const changes = `${counts.create} to create, ${counts.change} to change, 0 to remove`
  return `Plan: ${changes} on ${devices}; ${counts.unchanged} unchanged${failed}.`
}

/** What the plan does to the clients of the fleet, in one sentence. */
export function serviceEffect(plan: FleetPlan, devices: readonly Device[]): string {
  const { together, oneByOne } = applyOrder(plan, devices)
  const serving = plan.devices.filter(({ isServing }) => isServing).length
  if (oneByOne.length > 0) {
    const roles = new Map(devices.map(({ name, role }) => [name, role]))
    const runs = Map.groupBy(oneByOne, ({ device }) => roles.get(device))
    const names = [...runs.values()]
      .map((run) => foldNames(run.map(({ device }) => device)))
      .join(', then ')
    return `at most 1 of ${serving} serving devices away at once; one after another: ${names}.`
  }
  if (together.length === 0) return 'not touched.'
  if (serving === 0) return 'nothing is served yet, so all devices are set up side by side.'
  return `not interrupted on the ${serving} serving devices.`
}

function sameChanges(devices: readonly DevicePlan[], view: PlanView): StyledLine[] {
  const groups = new Map<string, { names: string[]; lines: StyledLine[] }>()
  for (const device of devices) {
    const lines = formatDevice(device, view)
    const key = JSON.stringify(lines).replaceAll(device.device, '{device}')
    const group = groups.get(key) ?? { names: [], lines }
    group.names.push(device.device)
    groups.set(key, group)
  }
  return [...groups.values()].flatMap(({ names, lines }) => {
    const [name] = names
    const count = names.length > 1 ? ` (${names.length})` : ''
    const shared = names.length > 1 && name !== undefined ? withPlaceholder(lines, name) : lines
    return [line('plain', ''), line('heading', `${foldNames(names)}${count}`), ...shared]
  })
}

function withPlaceholder(lines: readonly StyledLine[], name: string): StyledLine[] {
  return lines.map(({ text, style }) => ({ style, text: text.replaceAll(name, '{device}') }))
}

function formatDevice(device: DevicePlan, view: PlanView): StyledLine[] {
  return [
    ...mergePackages(device.changes).flatMap((change) => formatChange(change, view)),
    ...device.notes.map((note) => line('warning', `  ! ${note}`)),
  ]
}

/** One line for all packages. */
function mergePackages(changes: readonly Change[]): Change[] {
  const names = changes
    .filter(({ action }) => action === 'install')
    .map(({ resource, because }) =>
      [resource.slice('package:'.length), ...(because === null ? [] : [because])].join(' '),
    )
  const rest = changes.filter(({ action }) => action !== 'install')
  if (names.length === 0) return rest
  const resource = `package:${names.join(', ')}`
  return [{ resource, action: 'install', because: null, diff: [] }, ...rest]
}

const marks = {
  create: ['+', 'create', 'added'],
  install: ['+', 'install', 'added'],
  pull: ['+', 'pull', 'added'],
  update: ['~', 'change', 'changed'],
  disable: ['~', 'disable', 'changed'],
  restart: ['~', 'restart', 'changed'],
  up: ['~', 'start', 'changed'],
  reboot: ['~', 'reboot', 'changed'],
} as const satisfies Record<Change['action'], readonly [string, string, StyledLine['style']]>

function formatChange(change: Change, view: PlanView): StyledLine[] {
  const [mark, verb, style] = marks[change.action]
  const what = shortDigests(change.resource)
    .replace(':', ' ')
    .replace(/^compose \S+/, 'container')
  const because = change.because === null ? '' : `  (${change.because})`
  const subject = change.action === 'reboot' ? 'the device' : what
  const head = line(style, `  ${mark} ${verb} ${subject}${because}`)
  return view.diff === 'full' ? [head, ...change.diff.map(formatDiffLine)] : [head]
}

function formatDiffLine({ sign, text }: Change['diff'][number]): StyledLine {
  const style = { '+': 'added', '-': 'removed', '~': 'changed', ' ': 'dim' } as const
  return line(style[sign], `      ${sign} ${text}`)
}

/** `name@sha256:0123456789ab…`: enough to compare by eye. */
/** Notes of devices that have no changes, since those are not listed. */
function quietNotes(plan: FleetPlan): StyledLine[] {
  const quiet = plan.devices.filter((device) => !hasWork(device))
  const byNote = Map.groupBy(
    quiet.flatMap(({ device, notes }) => notes.map((note) => ({ device, note }))),
    ({ note }) => note,
  )
  return [...byNote].map(([note, owners]) =>
    line('warning', `! ${foldNames(owners.map(({ device }) => device))}: ${note}`),
  )
}

function line(style: StyledLine['style'], text: string): StyledLine {
  return { style, text }
}
