/**
 * May a device be taken out of service now? What a rollout promises is kept here: good time is never
 * taken away from the clients. The same rules hold for rolling back.
 */
import { neighboursOf, type Neighbours } from './neighbours.ts'
import type { QuorumSet } from './plan.ts'
import type { TimeState } from '../service/good-time.ts'
import type { Sight } from './sight.ts'
import type { RolloutState } from './state.ts'

/** What of a sight says which devices give good time. */
export interface Times {
  readonly devices: ReadonlyMap<string, { readonly time: TimeState }>
}

/** Counted once for each decision, then kept up to date with `take`. */
export interface Service {
  readonly neighbours: Neighbours
  readonly sight: Times
  readonly inProgress: ReadonlySet<string>
  /** Good servers by set that are not in progress. */
  readonly good: Map<string, number>
}

export function serviceOf(state: RolloutState, sight: Sight): Service {
  return serviceAt(neighboursOf(state.started.plan), sight, state.inProgress)
}

export function serviceAt(
  neighbours: Neighbours,
  sight: Times,
  inProgress: ReadonlySet<string>,
): Service {
  const good = new Map<string, number>()
  for (const { name, members } of neighbours.sets) {
    const isGood = (device: string): boolean =>
      timeOf(sight, device) === 'good' && !inProgress.has(device)
    good.set(name, members.filter(isGood).length)
  }
  return { neighbours, sight, inProgress, good }
}

/** The device is about to be moved: what it gave is gone. Called before the state says so. */
export function take(service: Service, device: string): void {
  if (timeOf(service.sight, device) !== 'good' || service.inProgress.has(device)) return
  for (const { name } of service.neighbours.setsOf.get(device) ?? []) {
    service.good.set(name, (service.good.get(name) ?? 0) - 1)
  }
}

/** `null`: it may; else the reason why not, to be shown. */
export function whyNotNow(
  device: string,
  service: Service,
  { allowQuorumLoss }: { readonly allowQuorumLoss: boolean },
): string | null {
  return (
    neighbourInProgress(device, service) ??
    (allowQuorumLoss ? null : brokenQuorum(device, service)) ??
    orphanedFollower(device, service) ??
    badUpstream(device, service)
  )
}

/**
 * A server, those it follows, those that follow it, and those that back it up: one at a time. It is
 * asked of each device that waits: what it costs does not depend on how many are in progress.
 */
function neighbourInProgress(device: string, { neighbours, inProgress }: Service): string | null {
  const isMoving = (name: string): boolean => name !== device && inProgress.has(name)
  const upstream = neighbours.members.get(device)?.upstreams.find(isMoving)
  if (upstream !== undefined) return `it follows ${upstream}, which is in progress`
  const backer = neighbours.backers.get(device)?.values().find(isMoving)
  if (backer !== undefined) return `${backer}, which backs it up, is in progress`
  const follower = neighbours.followers.get(device)?.find(isMoving)
  return follower === undefined ? null : `${follower}, which follows it, is in progress`
}

/** A device that gives no good time takes none away: that is how a broken fleet is repaired. */
function brokenQuorum(device: string, service: Service): string | null {
  if (timeOf(service.sight, device) === 'bad' || service.inProgress.has(device)) return null
  const hurt = service.neighbours.setsOf
    .get(device)
    ?.find((set) => goodBeside(device, set, service) < set.minGood)
  if (hurt === undefined) return null
  const left = goodBeside(device, hurt, service)
  return `${hurt.name} would have ${left} good of ${hurt.minGood} required`
}

function goodBeside(device: string, { name }: QuorumSet, service: Service): number {
  const good = service.good.get(name) ?? 0
  return timeOf(service.sight, device) === 'good' ? good - 1 : good
}

/** Followers with one source only are nobody's promise: the plan warns of them. */
function orphanedFollower(device: string, service: Service): string | null {
  const time = timeOf(service.sight, device)
  if (time === 'bad' || time === 'settling') return null
  const { neighbours } = service
  const orphan = neighbours.followers.get(device)?.find((name) => {
    const follower = neighbours.members.get(name)
    if (follower === undefined || follower.hasOutsideSources) return false
    const others = follower.upstreams.filter((upstream) => upstream !== device)
    return others.length > 0 && !others.some((other) => isServing(other, service))
  })
  return orphan === undefined ? null : `${orphan} would be left without a good source`
}

function badUpstream(device: string, service: Service): string | null {
  const upstreams = service.neighbours.members.get(device)?.upstreams ?? []
  const bad = upstreams.find((upstream) => timeOf(service.sight, upstream) !== 'good')
  return bad === undefined ? null : `its source ${bad} does not give good time`
}

function isServing(device: string, { sight, inProgress }: Service): boolean {
  return timeOf(sight, device) === 'good' && !inProgress.has(device)
}

export function timeOf(sight: Times, device: string): TimeState {
  return sight.devices.get(device)?.time ?? 'unknown'
}
