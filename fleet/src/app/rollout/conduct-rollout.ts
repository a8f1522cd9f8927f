/** Runs a rollout that has been planned, or takes up one that was left. */
import { stateDigest } from '../../core/desired/desired-state.ts'
import type { DesiredState } from '../../core/desired/resource.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { beginRollout, evolve } from '../../core/rollout/evolve.ts'
import type { RolloutEvent, Started } from '../../core/rollout/event.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import type { PlanPolicy } from '../../core/plan/plan-device.ts'
import type { Outside } from '../outside.ts'
import { prepare, prepareOffline, type PrepareFailure } from '../prepare.ts'
import { withImage, type RolloutDraft } from './draft-rollout.ts'
import { fleetWorld } from './fleet-world.ts'
import { openEpochs } from '../../core/rollout/epoch.ts'
import type { KeptLease } from './keep-lease.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { runRollout, type RolloutRun } from './run-rollout.ts'
import { silenceAlerts } from './silence-alerts.ts'
import { TakenOverError, type RolloutTarget, type TargetDevice } from './target.ts'
import type { RolloutJournal } from './world.ts'

export interface Conduct extends Pick<RolloutRun, 'stop' | 'abort' | 'by' | 'onChange'> {
  readonly outside: Outside
  readonly samples: SampleStore
  readonly store: RolloutStore
  /** Of the fleet; it is neither taken nor released here. */
  readonly lease: KeptLease
  readonly policy: PlanPolicy
  /** Of what is wrong and stops nothing. */
  readonly warn: (text: string) => void
  /** Unix ms that never runs backwards while this process runs. */
  nowMs(): number
}

/** Rejects with `TakenOverError` when another operation has the fleet. */
export async function startRollout(draft: RolloutDraft, conduct: Conduct): Promise<RolloutState> {
  const { state, started } = await enterRollout(draft, conduct)
  conduct.onChange(state, [started], null)
  return await go(state, draft, conduct)
}

export interface Entered {
  readonly state: RolloutState
  readonly started: RolloutEvent
}

/** Writes it down, and moves nothing: from then on whoever runs rollouts goes on with it. */
export async function enterRollout(
  draft: RolloutDraft,
  hands: Pick<Conduct, 'store' | 'lease' | 'nowMs'>,
): Promise<Entered> {
  const started = { ...draft.started, atUnixMs: hands.nowMs() }
  const state = beginRollout(started)
  await hands.store.remember(draft.fleet.devices.filter(({ name }) => state.devices.has(name)))
  await journalOf(draft.started, hands).append([started])
  return { state, started }
}

export type TakeUpFailure =
  | PrepareFailure
  /** The files of the fleet say something else now for devices that have not moved yet. */
  | { readonly kind: 'changed'; readonly devices: readonly string[] }

/**
 * `because`: what was asked for, such as `resumed`, `promoted` or `rolling-back`; that is journalled
 * first. What is left to do forward must still be what the files say; rolling back needs none of them.
 */
export async function takeUpRollout(
  state: RolloutState,
  because: readonly RolloutEvent[],
  fleet: Fleet,
  conduct: Conduct,
): Promise<Result<RolloutState, TakeUpFailure>> {
  const next = evolve(state, because)
  const rebuilt = await rebuild(next, fleet, conduct)
  if (!rebuilt.ok) return rebuilt
  await journalOf(state.started, conduct).append(because)
  conduct.onChange(next, because, null)
  return ok(await go(next, rebuilt.value, conduct))
}

interface Rebuilt {
  readonly fleet: Fleet
  readonly states: ReadonlyMap<string, DesiredState>
}

async function rebuild(
  state: RolloutState,
  files: Fleet,
  { outside, abort }: Conduct,
): Promise<Result<Rebuilt, TakeUpFailure>> {
  const { release, settings } = state.started
  const fleet = withImage(files, release.image)
  const devices = fleet.devices.filter(({ name }) => state.devices.has(name))
  const isForward = state.status.kind === 'running'
  const prepared = isForward
    ? await prepareOffline(fleet, devices, outside.secrets)
    : await prepare(fleet, devices, outside, { mode: 'back', signal: abort })
  if (!prepared.ok) return prepared
  const { states } = prepared.value
  const changed = [...state.devices.values()].filter(({ device, phase }) => {
    // What is rolled back needs no files, and one that is gone must not keep the others.
    if (!isForward) return false
    const desired = states.get(device)
    if (desired === undefined) return true
    const isToMove = phase === 'waiting' || phase === 'moving'
    return isToMove && stateDigest(desired, fleet.name) !== release.states[device]
  })
  if (changed.length > 0) {
    return fail({ kind: 'changed', devices: changed.map(({ device }) => device) })
  }
  return ok({ fleet: { ...fleet, settings: { ...fleet.settings, rollout: settings } }, states })
}

async function go(state: RolloutState, rebuilt: Rebuilt, conduct: Conduct): Promise<RolloutState> {
  const { outside, samples, lease, policy, stop, by, onChange } = conduct
  const { started } = state
  const { fleet, states } = rebuilt
  const target: RolloutTarget = {
    fleet,
    devices: byName(fleet, states),
    started,
    outside,
    samples,
    policy,
    epochs: openEpochs(lease.lease.epoch, conduct.store.origin),
    nowMs: () => conduct.nowMs(),
  }
  const journal = journalOf(started, conduct)
  const abort = AbortSignal.any([conduct.abort, lease.lost])
  const world = fleetWorld(target, state)
  const silences = silenceAlerts(started, outside, conduct.warn)
  const watch: Conduct['onChange'] = (now, events, sight) => {
    silences.onEvents(events)
    onChange(now, events, sight)
  }
  const end = await runRollout(state, { world, journal, stop, abort, by, onChange: watch })
  await silences.end()
  if (lease.lost.aborted) throw new TakenOverError('another operation has the fleet')
  return end
}

function byName(
  { devices }: Fleet,
  states: ReadonlyMap<string, DesiredState>,
): RolloutTarget['devices'] {
  const known = devices.flatMap((device): [string, TargetDevice][] => {
    const state = states.get(device.name)
    return state === undefined ? [] : [[device.name, { device, state }]]
  })
  return new Map(known)
}

/** A release that is to blame is blocked before that is written, so that no crash can forget it. */
function journalOf(
  { rollout, release }: Started,
  { store, lease }: Pick<Conduct, 'store' | 'lease'>,
): RolloutJournal {
  return {
    async append(events) {
      for (const event of events) {
        if (event.type !== 'rolling-back' || !event.isReleaseToBlame) continue
        const { why, atUnixMs } = event
        await store.block({ digest: release.digest, image: release.image, rollout, why, atUnixMs })
      }
      if ((await store.append(rollout, events, lease.lease)) === 'fenced') {
        throw new TakenOverError('another operation has the fleet')
      }
    },
    takeRequests: () => store.takeRequests(rollout),
  }
}
