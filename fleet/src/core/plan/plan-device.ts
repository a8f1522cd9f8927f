/** DesiredState and Observed -> DevicePlan: pure, total, and empty once a device has converged. */
import { sshService } from '../access/access-files.ts'
import { leftReceiverNote } from './left-receiver.ts'
import { revertReasons } from './revert-reason.ts'
import type {
  ComposeResource,
  DesiredState,
  PackageResource,
  Resource,
  ServiceResource,
} from '../desired/resource.ts'
import type { Change, DevicePlan } from './change.ts'
import type { Observed, ObservedService } from './observed.ts'
import { finalFiles, planFile } from './plan-files.ts'

/** Another version of a package restarts what it brought, which may be Docker or gpsd. */
function interrupts({ action, resource }: Change): boolean {
  if (resource === `service:${sshService}`) return false
  return interrupting.has(action) || (action === 'update' && resource.startsWith('package:'))
}

const interrupting: ReadonlySet<Change['action']> = new Set(['up', 'restart', 'reboot'])

export interface PlanPolicy {
  readonly reboot: 'never' | 'allow'
}

/** The changes that take one device from `observed` to `desired`, in the order they are made. */
export function planDevice(
  desired: DesiredState,
  observed: Observed,
  policy: PlanPolicy,
): DevicePlan {
  const files = finalFiles(desired, observed).map((file) => planFile(file, observed))
  const changed = files
    .filter(({ planned }) => planned.isChanged)
    .map(({ planned }) => planned.path)
  const reconfigured = files
    .filter(({ changesSettings }) => changesSettings)
    .map(({ planned }) => planned.path)
  const fileChanges = files.flatMap(({ change }) => (change === null ? [] : [change]))
  const others = (kinds: readonly Resource['kind'][]): Change[] =>
    desired.resources
      .filter((resource) => kinds.includes(resource.kind))
      .flatMap((resource) => planResource(resource, observed, { changed, reconfigured }))
  const ups = others(['compose'])
  const changes = [...others(['package', 'image']), ...fileChanges, ...others(['service']), ...ups]
  const bootChanged = observed.bootConfig !== null && changed.includes(observed.bootConfig.path)
  const reboot = rebootState(bootChanged || observed.rebootRequired, policy)
  const pending = observed.pending ?? observed.returning
  return {
    device: desired.device,
    changes: reboot === 'now' ? [...changes, rebootChange] : changes,
    notes: notesFor(desired, observed, reboot),
    baseGeneration: observed.generation,
    pending,
    isBusy: observed.busy !== null,
    interruptsService:
      // A revert restarts what the unconfirmed generation changed.
      pending !== null || observed.busy !== null || reboot === 'now' || changes.some(interrupts),
    isServing: servesTime(desired, observed),
    reboot,
    files: files.map(({ planned }) => planned),
  }
}

/** Its resources that are not up to date, by name: what `health` calls drift. */
export function driftOf(plan: DevicePlan): string[] {
  return plan.changes.map((change) => change.resource).filter((name) => name !== 'reboot')
}

/** Paths of files; those of `reconfigured` change in more than their secrets. */
interface ChangedFiles {
  readonly changed: readonly string[]
  readonly reconfigured: readonly string[]
}

function planResource(resource: Resource, observed: Observed, files: ChangedFiles): Change[] {
  switch (resource.kind) {
    case 'package':
      return planPackage(resource, observed.packages.get(resource.name) ?? null)
    case 'image':
      if ((observed.images.get(resource.ref) ?? null) !== null || isDockerSilent(observed))
        return []
      return [change(`image:${resource.ref}`, 'pull', null)]
    case 'service':
      return planService(resource, observed, files.changed)
    case 'compose':
      return planCompose(resource, observed, files.reconfigured)
    case 'file':
    case 'line':
      return []
  }
}

function planPackage({ name, version }: PackageResource, installed: string | null): Change[] {
  if (installed === null) return [change(`package:${name}`, 'install', version ?? null)]
  if (version === undefined || version === installed) return []
  return [change(`package:${name}`, 'update', `${installed} -> ${version}`)]
}

function planService(
  resource: ServiceResource,
  observed: Observed,
  changed: readonly string[],
): Change[] {
  const name = `service:${resource.name}`
  const seen = observed.services.get(resource.name)
  if (resource.want === 'disabled') {
    return canRun(seen) ? [change(name, 'disable', 'two programs must not steer one clock')] : []
  }
  const files = resource.restartFor.filter((path) => changed.includes(path))
  if (files.length > 0) return [change(name, 'restart', `${files.join(', ')} changes`)]
  if (seen?.active !== 'active') {
    return [change(name, 'restart', `it is ${seen?.active ?? 'unknown'}`)]
  }
  if (seen.enabled !== 'disabled') return []
  return [change(name, 'restart', 'it is disabled, and would be gone after the next boot')]
}

/** Whether a service runs now or would at the next boot. */
function canRun(seen: ObservedService | undefined): boolean {
  if (seen === undefined || seen.load === 'not-found' || seen.load === 'masked') return false
  return seen.active === 'active' || seen.enabled === 'enabled'
}

/** The container reads its keys while it runs: files in which only they change leave it alone. */
function planCompose(
  resource: ComposeResource,
  observed: Observed,
  reconfigured: readonly string[],
): Change[] {
  const name = `compose:${resource.directory}`
  const files = reconfigured.filter((path) => path.startsWith(`${resource.directory}/`))
  if (files.length > 0) return [change(name, 'up', `${files.join(', ')} changes`)]
  const container = observed.containers.get(resource.container)
  if (container?.state !== 'running') {
    return [
      change(name, 'up', `container ${resource.container} is ${container?.state ?? 'absent'}`),
    ]
  }
  if (!container.activated) {
    return [change(name, 'up', whoseContainer(resource.container, observed))]
  }
  return []
}

function whoseContainer(container: string, { generation }: Observed): string {
  if (generation > 0) return `container ${container} is not the one Timeball started`
  return `container ${container} was not made by Timeball: it is replaced, comes back if this change is not confirmed, and is removed when it is`
}

function change(resource: string, action: Change['action'], because: string | null): Change {
  return { resource, action, because, diff: [] }
}

const rebootChange = change('reboot', 'reboot', 'the boot configuration changes')

function rebootState(isNeeded: boolean, policy: PlanPolicy): DevicePlan['reboot'] {
  if (!isNeeded) return 'none'
  return policy.reboot === 'allow' ? 'now' : 'pending'
}

function servesTime(desired: DesiredState, observed: Observed): boolean {
  return desired.resources.some(
    (resource) =>
      resource.kind === 'compose' &&
      observed.containers.get(resource.container)?.state === 'running',
  )
}

function notesFor(
  desired: DesiredState,
  observed: Observed,
  reboot: DevicePlan['reboot'],
): string[] {
  const wantsBootLines = desired.resources.some((resource) => resource.kind === 'line')
  const notes: string[] = []
  if (wantsBootLines && observed.bootConfig?.state !== 'file') {
    notes.push(
      'no boot configuration here, so this is not a Raspberry Pi; UART and PPS are left alone',
    )
  } else if (wantsBootLines && observed.bootConfig?.content === null) {
    notes.push(`${observed.bootConfig.path} cannot be read as text; UART and PPS are left alone`)
  }
  if (reboot === 'pending') notes.push('needs a reboot to take effect: apply with --allow-reboot')
  const left = leftReceiverNote(desired, observed)
  if (isDockerSilent(observed)) {
    notes.push(
      'Docker does not answer on it: whether the image is there, and what runs, is not known',
    )
  }
  return [
    ...notes,
    ...desired.resources.flatMap((resource) => strangerNote(resource, observed)),
    ...(left === null ? [] : [left]),
    ...operationNotes(observed),
  ]
}

/** It is there, and says nothing of its containers and images. */
function isDockerSilent({ containers }: Observed): boolean {
  return containers.values().some(({ state }) => state === 'unknown')
}

/** What earlier operations left, or are still at. */
function operationNotes({ busy, pending, returning, recovered }: Observed): string[] {
  const notes: string[] = []
  if (busy !== null) {
    notes.push('an operation is at work on it; apply waits until it is done, and plans it anew')
  }
  if (pending !== null) {
    notes.push(`generation ${pending} was never confirmed and is reverted first`)
  }
  if (returning !== null) {
    notes.push(`the rollback to generation ${returning} was cut short and is ended first`)
  }
  if (recovered !== null) {
    const { generation, reason } = recovered
    notes.push(`generation ${generation} was reverted: ${revertReasons[reason]}`)
  }
  return notes
}

/** A container of its name that compose did not make in its folder: compose would refuse the name. */
function strangerNote(resource: Resource, { containers, generation }: Observed): string[] {
  if (resource.kind !== 'compose') return []
  const found = containers.get(resource.container)
  if (found === undefined || found.state === 'absent' || found.state === 'unknown') return []
  if (found.project === basename(resource.directory)) return []
  const { name, imageName, project } = found
  const made = project === null ? 'was made by hand' : `is of the compose project ${project}`
  const image = imageName === null ? '' : ` (image ${imageName})`
  return [
    `container ${name} ${made}${image}: it is stopped and kept as ${name}-aside-${generation} until the change is confirmed, then removed`,
  ]
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
