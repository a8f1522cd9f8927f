/**
 * The runner: measure, decide, journal, act. All it knows is in the journal, so that it can be
 * killed anywhere and started again.
 */
import { serially } from '@timeball/lib/serially.ts'
import { decide } from '../../core/rollout/decide.ts'
import { applyEvent, openDraft } from '../../core/rollout/evolve.ts'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import { answerRequest } from '../../core/rollout/requests.ts'
import type { Sight } from '../../core/rollout/sight.ts'
import type { DeviceState, RolloutState } from '../../core/rollout/state.ts'
import type { ActionEvent, RolloutJournal, RolloutWorld } from './world.ts'

export interface RolloutRun {
  readonly world: RolloutWorld
  readonly journal: RolloutJournal
  /** Finish the steps that run, and end. */
  readonly stop: AbortSignal
  /** Stop now; what is half done is taken up by the next runner. */
  readonly abort: AbortSignal
  /** Who pauses when `stop` fires; `null`: nobody, and the next runner takes it up as it is. */
  readonly by: string | null
  /** After each batch of events, and after each check. */
  readonly onChange: (
    state: RolloutState,
    events: readonly RolloutEvent[],
    sight: Sight | null,
  ) => void
}

/** Until it is over or paused. Rejects when the journal cannot be written any more. */
export async function runRollout(start: RolloutState, run: RolloutRun): Promise<RolloutState> {
  const { world, journal, onChange } = run
  const abort = new AbortController()
  const signal = AbortSignal.any([run.abort, abort.signal])
  // The fold in place: what others are shown is always the newest state, at no cost per device.
  const state = openDraft(start)
  let sight: Sight | null = null
  const inTurn = serially()
  const record: RecordInTurn = (make) =>
    inTurn(async () => {
      const events = await make()
      if (events.length === 0) return
      await journal.append(events)
      for (const event of events) applyEvent(state, event)
      onChange(state, events, sight)
    })
  const actions = openActions(world, () => state, { record, signal })
  try {
    while (!signal.aborted) {
      await record(async () => {
        const requests = await journal.takeRequests()
        return requests.flatMap((each) => asEvent(each, state, world.nowMs()))
      })
      if (run.stop.aborted) await record(() => pauseFor(run, state))
      const isOver = run.stop.aborted || state.status.kind === 'paused' || isEnded(state)
      if (isOver) break
      actions.startAll()
      const seen = await world.measure(state, signal)
      sight = seen
      if (signal.aborted || run.stop.aborted) continue
      await record(() => decide(state, seen))
      onChange(state, [], sight)
      actions.startAll()
      await world.wait(state.started.settings.interval, AbortSignal.any([signal, run.stop]))
    }
    await actions.steps()
  } finally {
    abort.abort()
    await actions.settled()
  }
  return state
}

function isEnded({ status }: RolloutState): boolean {
  return status.kind === 'ended'
}

function pauseFor({ by, world }: RolloutRun, { status }: RolloutState): RolloutEvent[] {
  if (by === null || status.kind !== 'running') return []
  const why = 'interrupted'
  return [{ atUnixMs: world.nowMs(), type: 'paused', by, why, awaits: 'resume' }]
}

/** What does not fit the state of the rollout is no event: pausing what is paused, for instance. */
function asEvent(
  request: RolloutRequest,
  state: RolloutState,
  atUnixMs: number,
): readonly RolloutEvent[] {
  const answer = answerRequest(request, state, { isRun: true, atUnixMs })
  return answer.ok ? [answer.value] : []
}

interface Actions {
  /** One for each device of which the state says that something is to be done. */
  startAll(): void
  /** Until those that change a device have ended. */
  steps(): Promise<void>
  settled(): Promise<void>
}

/**
 * Journals what `make` says, then takes it over. In turn: what is decided on a state is journalled
 * before anything else changes it.
 */
type RecordInTurn = (
  make: () => readonly RolloutEvent[] | Promise<readonly RolloutEvent[]>,
) => Promise<void>

interface ActionContext {
  readonly record: RecordInTurn
  readonly signal: AbortSignal
}

function openActions(
  world: RolloutWorld,
  current: () => RolloutState,
  { record, signal }: ActionContext,
): Actions {
  const running = new Map<string, { readonly isStep: boolean; readonly done: Promise<void> }>()
  let failure: { readonly error: unknown } | null = null
  const rethrow = (): void => {
    if (failure !== null) throw failure.error
  }
  const act = async (device: DeviceState): Promise<void> => {
    try {
      const event = await actionOf(world, device, current(), signal)
      // A result that was cut off is no result: the intent stands, and is taken up again.
      await record(() => (event === null || signal.aborted ? [] : [event]))
    } catch (error) {
      failure = { error }
    } finally {
      running.delete(device.device)
    }
  }
  return {
    startAll() {
      rethrow()
      for (const name of current().inProgress) {
        const device = current().devices.get(name)
        if (device === undefined || running.has(name) || !toDo.has(device.phase)) continue
        running.set(name, { isStep: device.phase !== 'lost', done: act(device) })
      }
    },
    async steps() {
      await Promise.all([...running.values()].flatMap(({ isStep, done }) => (isStep ? done : [])))
      rethrow()
    },
    async settled() {
      await Promise.all([...running.values()].map(({ done }) => done))
      rethrow()
    },
  }
}

const toDo: ReadonlySet<string> = new Set(['moving', 'returning', 'lost'])

async function actionOf(
  world: RolloutWorld,
  device: DeviceState,
  state: RolloutState,
  signal: AbortSignal,
): Promise<ActionEvent | null> {
  if (device.phase === 'moving') return await world.move(device, state, signal)
  if (device.phase === 'returning') return await world.rollBack(device, state, signal)
  return await world.recover(device, state, signal)
}
