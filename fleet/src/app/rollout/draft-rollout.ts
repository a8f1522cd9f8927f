/** Before anything moves: resolve, look at every device, plan the waves. Changes nothing. */
import { stateDigest } from '../../core/desired/desired-state.ts'
import type { DesiredState } from '../../core/desired/resource.ts'
import { failureText, type Failure } from '../../core/failure.ts'
import type { Device } from '../../core/device/device.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { sha256Hex } from '../../core/hash/sha256.ts'
import type { Observed } from '../../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../../core/plan/plan-device.ts'
import { runningImages } from '../../core/plan/running-images.ts'
import { atWorkElsewhere, changedElsewhere, elsewhereText } from '../../core/rollout/elsewhere.ts'
import { majorityEpoch } from '../../core/rollout/epoch.ts'
import type { Started } from '../../core/rollout/event.ts'
import type { Release, RolloutPlan } from '../../core/rollout/plan.ts'
import { frozenAt, leapListWarning } from '../../core/rollout/planning/freeze.ts'
import { settleLimits } from '../../core/rollout/planning/learn.ts'
import { planRollout, type PlanRefusal } from '../../core/rollout/planning/plan-rollout.ts'
import { clockEvidence } from '../../core/service/clock-evidence.ts'
import { goodServers } from '../../core/service/good-time.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Sighting } from '../link.ts'
import { observeAll } from '../plan-fleet.ts'
import type { Outside, Run } from '../outside.ts'
import { prepare, type Prepared, type PrepareFailure } from '../prepare.ts'
import { sweepClocks } from '../sweep-clocks.ts'
import type { RolloutStore, SettleHistory } from '../../ports/rollout-store.ts'

export interface RolloutWish {
  readonly fleet: Fleet
  /** Where the settings are from, for problems. */
  readonly settingsFile: string
  /** The devices that were selected. */
  readonly devices: readonly Device[]
  /** Instead of the one in the settings; `null`: that one. */
  readonly image: string | null
  readonly policy: PlanPolicy
  readonly by: string
  readonly why: string
  readonly allowQuorumLoss: boolean
  readonly allowOtherState: boolean
  /** The reason; `null`: not overridden. */
  readonly overrideFreeze: string | null
}

export interface RolloutDraft {
  /** The fleet with the image that is moved. */
  readonly fleet: Fleet
  readonly started: Started
  readonly states: ReadonlyMap<string, DesiredState>
  /** Devices that give good time now, measured from outside. */
  readonly good: ReadonlySet<string>
  /** Images by digest that the devices to be moved run now. */
  readonly running: ReadonlySet<string>
  readonly seen: ReadonlyMap<string, Observed>
  /** Why nothing may be started at that time; `null`: it may. */
  readonly frozenAt: (nowUnixMs: number) => string | null
  /** What most devices have seen: see `majorityEpoch`. */
  readonly epochFloor: number
}

export type DraftFailure =
  | PrepareFailure
  | PlanRefusal
  /** `rollout.unreachable_before: fail`, or `wait` that was in vain. */
  | { readonly kind: 'unreachable'; readonly devices: readonly string[] }

export async function draftRollout(
  wish: RolloutWish,
  outside: Outside,
  store: Pick<RolloutStore, 'settleHistory' | 'origin'>,
  { run, nowUnixMs }: { readonly run: Run; readonly nowUnixMs: number },
): Promise<Result<RolloutDraft, DraftFailure>> {
  const fleet = withImage(wish.fleet, wish.image)
  const options = { mode: 'change', signal: run.abort } as const
  const prepared = await prepare(fleet, wish.devices, outside, options)
  if (!prepared.ok) return prepared
  const sightings = await lookAtAll(prepared.value, outside, run)
  const unreachable = wish.devices.filter(({ name }) => sightings.get(name)?.ok !== true)
  const { rollout: settings } = fleet.settings
  if (unreachable.length > 0 && settings.unreachable_before !== 'skip') {
    return fail({ kind: 'unreachable', devices: unreachable.map(({ name }) => name) })
  }
  const seen = seenIn(sightings)
  const plan = planRollout({
    fleet,
    file: wish.settingsFile,
    selected: wish.devices.map(({ name }) => name),
    leftAlone: {
      ...leftAlone(prepared.value, sightings, wish.policy),
      ...(wish.allowOtherState ? {} : leftToOthers(seen, store.origin)),
    },
    allowQuorumLoss: wish.allowQuorumLoss,
  })
  if (!plan.ok) return plan
  const leaps = await outside.leapSeconds()
  const history = await store.settleHistory()
  const found = [leapListWarning(nowUnixMs, settings.freeze, leaps), damagedTimes(history)]
  const warnings = found.filter((text) => text !== null)
  return ok({
    fleet,
    started: {
      type: 'started',
      rollout: rolloutName(nowUnixMs),
      fleet: fleet.name,
      by: wish.by,
      why: wish.why,
      release: releaseOf(prepared.value, seen, wish.fleet.settings.image.ref),
      plan: { ...plan.value, warnings: [...plan.value.warnings, ...warnings] },
      settings,
      before: beforeIn(seen),
      unreachable: unreachable.map(({ name }) => name),
      settleLimitsMs: settleLimits(history.times, settings),
      allowQuorumLoss: wish.allowQuorumLoss,
      overrideFreeze: wish.overrideFreeze,
    },
    states: prepared.value.states,
    good: await goodNow(fleet, outside, run),
    seen,
    running: runningImages(movingIn(plan.value, seen)),
    frozenAt: (atUnixMs) =>
      wish.overrideFreeze === null ? frozenAt(atUnixMs, settings.freeze, leaps) : null,
    epochFloor: floorOf(seen, fleet),
  })
}

function seenIn(sightings: ReadonlyMap<string, Sighting>): ReadonlyMap<string, Observed> {
  return new Map(
    [...sightings].flatMap(([name, sighting]): [string, Observed][] =>
      sighting.ok ? [[name, sighting.value]] : [],
    ),
  )
}

function floorOf(seen: ReadonlyMap<string, Observed>, { devices }: Fleet): number {
  const epochs = seen.values().map(({ epoch }) => epoch)
  return majorityEpoch(epochs, devices.length)
}

function damagedTimes({ damaged }: SettleHistory): string | null {
  if (damaged === 0) return null
  const times = damaged === 1 ? '1 settling time' : `${damaged} settling times`
  return `${times} in state.db: not what was written, and deadlines are learned without; timeball recover leaves them out for good`
}

function beforeIn(seen: ReadonlyMap<string, Observed>): Started['before'] {
  const before = [...seen].map(([name, { generation, state, recovered }]) => [
    name,
    { generation, state, reverted: recovered?.generation ?? null },
  ])
  return Object.fromEntries(before)
}

function movingIn({ waves }: RolloutPlan, seen: ReadonlyMap<string, Observed>): Observed[] {
  return waves.flatMap(({ devices }) => devices.flatMap((name) => seen.get(name) ?? []))
}

export function withImage(fleet: Fleet, ref: string | null): Fleet {
  if (ref === null) return fleet
  const image = { ...fleet.settings.image, ref }
  return { ...fleet, settings: { ...fleet.settings, image } }
}

const waitPauseMs = 5_000

/** With `unreachable_before: wait` until all answer, at most for `progress_deadline`. */
async function lookAtAll(
  prepared: Prepared,
  outside: Outside,
  run: Run,
): Promise<ReadonlyMap<string, Sighting>> {
  const { rollout: settings } = prepared.fleet.settings
  const startMs = outside.nowMs()
  const sightings = new Map(await observeAll(prepared, outside, run))
  const silent = (): Device[] =>
    prepared.devices.filter(({ name }) => sightings.get(name)?.ok !== true)
  while (
    settings.unreachable_before === 'wait' &&
    silent().length > 0 &&
    !run.stop.aborted &&
    outside.nowMs() - startMs < settings.progress_deadline
  ) {
    await outside.wait(waitPauseMs, run.stop)
    const again = await observeAll({ ...prepared, devices: silent() }, outside, run)
    for (const [name, sighting] of again) sightings.set(name, sighting)
  }
  return sightings
}

function leftAlone(
  { devices, states }: Prepared,
  sightings: ReadonlyMap<string, Sighting>,
  policy: PlanPolicy,
): Readonly<Record<string, string>> {
  const reasons = devices.flatMap(({ name }): [string, string][] => {
    const state = states.get(name)
    const sighting = sightings.get(name) ?? fail<Failure>({ code: 'interrupted', detail: '' })
    const why = state === undefined ? 'unknown' : whyLeftAlone(sighting, state, policy)
    return why === null ? [] : [[name, why]]
  })
  return Object.fromEntries(reasons)
}

/** What somebody else has just changed; when that is the fleet, nothing is started at all. */
function leftToOthers(
  seen: ReadonlyMap<string, Observed>,
  origin: string,
): Readonly<Record<string, string>> {
  if (atWorkElsewhere(seen, origin) !== null) return {}
  const changed = [...changedElsewhere(seen, origin)]
  return Object.fromEntries(changed.map(([device, ago]) => [device, elsewhereText(ago)]))
}

function whyLeftAlone(sighting: Sighting, state: DesiredState, policy: PlanPolicy): string | null {
  if (!sighting.ok) return `not reached: ${failureText(sighting.failure)}`
  const { generation, pending } = sighting.value
  if (pending !== null) return 'another change waits for its confirmation'
  if (generation === 0) return 'nothing was ever applied to it; timeball apply does that'
  return planDevice(state, sighting.value, policy).changes.length === 0 ? 'up to date' : null
}

function releaseOf(
  { fleet, image, states }: Prepared,
  seen: ReadonlyMap<string, Observed>,
  ofSettings: string,
): Release {
  const digests = [...states].map(([name, state]) => [name, stateDigest(state, fleet.name)])
  const isOtherImage = seen.values().some(({ images, containers }) => {
    const [container] = containers.values()
    const wanted = images.get(image) ?? null
    return wanted === null || wanted !== container?.imageId
  })
  return {
    image,
    imageAsWritten: fleet.settings.image.ref,
    insteadOf: fleet.settings.image.ref === ofSettings ? null : ofSettings,
    kind: isOtherImage ? 'image' : 'configuration',
    digest: sha256Hex(JSON.stringify([image, digests])),
    states: Object.fromEntries(digests),
  }
}

async function goodNow(fleet: Fleet, outside: Outside, run: Run): Promise<ReadonlySet<string>> {
  const sweep = await sweepClocks(fleet, outside, null, run.abort)
  return goodServers(clockEvidence(sweep))
}

/** `r20261123-224501`, by UTC: sorts by time, and can be typed. */
function rolloutName(nowUnixMs: number): string {
  const text = Temporal.Instant.fromEpochMilliseconds(Math.trunc(nowUnixMs)).toString()
  return `r${text.slice(0, 10).replaceAll('-', '')}-${text.slice(11, 19).replaceAll(':', '')}`
}
