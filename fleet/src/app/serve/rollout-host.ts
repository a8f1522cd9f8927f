/**
 * The controller as a host of rollouts: what nobody runs and no person holds goes on here, as it
 * would in a process of its own, whoever began it and wherever that died.
 */
import type { Result } from '@timeball/lib/result.ts'
import type { LeaseOwner } from '../../core/rollout/lease.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { claimFleet } from '../operate/claim-fleet.ts'
import { operationOf } from '../operate/control-rollout.ts'
import type { Refusal } from '../operate/refusal.ts'
import type { TakeUpFailure } from '../rollout/conduct-rollout.ts'
import type { KeptLease, LeaseTime } from '../rollout/keep-lease.ts'
import { TakenOverError } from '../rollout/target.ts'
import { nextOf, rolloutsToRun, type Next } from './next-rollout.ts'

export interface RolloutHostParts {
  /** Rejects when it cannot be written. It is opened anew after a trouble. */
  readonly openStore: () => Promise<RolloutStore>
  readonly self: LeaseOwner
  /** Who takes a rollout up, for its journal. */
  readonly by: string
  readonly time: LeaseTime
  /** Until it is over or paused, or a signal ends it. */
  readonly takeUp: (next: Next, hands: HostHands) => Promise<Result<unknown, TakeUpFailure>>
  /** Why one does not go on, each time that this is found; `null`: it does. */
  readonly onObstacle: (rollout: string, why: Refusal | TakeUpFailure | null) => void
  /** Asks for what is due, where there is nothing to do. */
  readonly whenIdle: (store: RolloutStore) => Promise<void>
  readonly log: (line: string) => void
}

/** What a rollout is run with. */
export interface HostHands {
  readonly store: RolloutStore
  readonly lease: KeptLease
  /** Finish the steps that run, and leave the rest to the next runner. */
  readonly stop: AbortSignal
  /** Stop now; a step that is cut off is taken up again. */
  readonly abort: AbortSignal
}

type Signals = Pick<HostHands, 'stop' | 'abort'>

/** Between two looks for something to do. */
const lookMs = 1_000
/** Before what could not go on is tried again: files are mended, registries come back. */
const againMs = 30_000
/** After `stop`, until what still runs is cut off: with the rest it stays below 10 seconds. */
const drainMs = 7_000

/**
 * Ends after `stop` fires, within seconds.
 *
 * INVARIANTS:
 * - one rollout at a time, and only with the lease of the fleet;
 * - what was asked and cannot be done is forgotten, not done later when nobody expects it.
 */
export async function hostRollouts(parts: RolloutHostParts, stop: AbortSignal): Promise<void> {
  const { time, log } = parts
  const host = openHost(parts)
  const abort = new AbortController()
  const over = new AbortController()
  const drain = async (): Promise<void> => {
    await time.wait(drainMs, over.signal)
    abort.abort()
  }
  stop.addEventListener('abort', () => void drain(), { once: true })
  let trouble = ''
  while (!stop.aborted) {
    try {
      await host.look({ stop, abort: abort.signal })
      trouble = ''
    } catch (error) {
      // Such as a disk that is full: the journal says where to go on when it is not any more.
      const text = error instanceof Error ? error.message : String(error)
      if (text !== trouble) log(`rollouts do not go on: ${text}`)
      trouble = text
      await host.close()
    }
    await time.wait(lookMs, stop)
  }
  over.abort()
  await host.close()
}

interface Host {
  /** Does what there is to do; rejects when what is remembered cannot be read or written. */
  look(signals: Signals): Promise<void>
  close(): Promise<void>
}

function openHost(parts: RolloutHostParts): Host {
  const { time } = parts
  /** When each was tried that did not go on. */
  const tried = new Map<string, number>()
  let store: RolloutStore | null = null
  const isDue = (rollout: string): boolean => {
    const triedMs = tried.get(rollout)
    const nowMs = time.nowMs()
    return triedMs === undefined || nowMs < triedMs || nowMs - triedMs >= againMs
  }
  return {
    async look(signals) {
      store ??= await parts.openStore()
      if ((await store.holder(time.nowMs())) !== null) return
      const rollout = await findWork(store, isDue)
      if (rollout === null) return await parts.whenIdle(store)
      tried.set(rollout, time.nowMs())
      const goesOn = await work(parts, rollout, { ...signals, store })
      if (goesOn) tried.delete(rollout)
    },
    async close() {
      const old = store
      store = null
      await old?.close()
    },
  }
}

/** A request is due at any time. */
async function findWork(
  store: RolloutStore,
  isDue: (rollout: string) => boolean,
): Promise<string | null> {
  const requested = new Set(await store.requested())
  const found = await rolloutsToRun(store)
  return found.find((rollout) => requested.has(rollout) || isDue(rollout)) ?? null
}

/** `false`: something is in its way. */
async function work(
  parts: RolloutHostParts,
  rollout: string,
  hands: Omit<HostHands, 'lease'>,
): Promise<boolean> {
  const { self: owner, by, time, onObstacle } = parts
  const { store } = hands
  const wish = { owner, operation: operationOf(rollout), epochFloor: 0, change: null }
  const claimed = await claimFleet(store, wish, time, async (lease) => {
    const next = await nextOf(store, rollout, { by, nowUnixMs: time.nowMs() })
    const why = next.ok ? await goOn(parts, next.value, { ...hands, lease }) : next.failure
    if (why !== null) await store.append(rollout, [], lease.lease)
    onObstacle(rollout, why)
    return why === null
  })
  return claimed.ok && claimed.value.value
}

async function goOn(
  { takeUp, log }: RolloutHostParts,
  next: Next,
  hands: HostHands,
): Promise<TakeUpFailure | null> {
  if (!next.isRunning) {
    await hands.store.append(next.state.started.rollout, next.because, hands.lease.lease)
    return null
  }
  try {
    const ended = await takeUp(next, hands)
    return ended.ok ? null : ended.failure
  } catch (error) {
    if (!(error instanceof TakenOverError)) throw error
    log('another operation took the fleet over, and the rollout with it')
    return null
  }
}
