/** What the runner of a rollout needs of the world: the simulated fleet of the tests is another one. */
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import type { Sight } from '../../core/rollout/sight.ts'
import type { DeviceState, RolloutState } from '../../core/rollout/state.ts'

/** How an action on a device ended, as the event for the journal. */
export type ActionEvent = Extract<
  RolloutEvent,
  {
    readonly type:
      | 'moved'
      | 'not-moved'
      | 'reverted'
      | 'move-failed'
      | 'lost'
      | 'returned'
      | 'unhealthy'
      | 'stuck'
  }
>

/**
 * INVARIANTS of the three actions: they may be repeated after they were cut off anywhere, they look
 * at the device before they act, and they never throw for what a device does.
 */
export interface RolloutWorld {
  /** Unix ms that never runs backwards while this process runs. */
  nowMs(): number
  /** Measures the whole fleet, and looks closer at what is in progress. */
  measure(state: RolloutState, signal: AbortSignal): Promise<Sight>
  /** To the new release, confirmed over a fresh connection. */
  move(device: DeviceState, state: RolloutState, signal: AbortSignal): Promise<ActionEvent>
  /** To the generation that the device had before. */
  rollBack(device: DeviceState, state: RolloutState, signal: AbortSignal): Promise<ActionEvent>
  /** Looks for a device that was lost; `null`: still lost. */
  recover(
    device: DeviceState,
    state: RolloutState,
    signal: AbortSignal,
  ): Promise<ActionEvent | null>
  /** Ends early, without an error, when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export interface RolloutJournal {
  /** All or none, on disk when it resolves. Rejects when another operation has taken over. */
  append(events: readonly RolloutEvent[]): Promise<void>
  /** What operators asked for since the last call. */
  takeRequests(): Promise<readonly RolloutRequest[]>
}
