import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { DevicePhase, RolloutState } from '../../core/rollout/state.ts'

/**
 * Of a rollout that this process does not run any more. Whatever did not end with the new release on
 * its devices is not 0. `isInterrupted`: by a signal.
 */
export function exitOf(
  state: RolloutState,
  { isInterrupted }: { readonly isInterrupted: boolean },
): ExitCode {
  const { status } = state
  if (status.kind === 'ended' && status.result === 'done') {
    return leftBehind(state).length === 0 ? exitCodes.done : exitCodes.devicesFailed
  }
  return isInterrupted && status.kind !== 'ended' ? exitCodes.interrupted : exitCodes.unhealthy
}

/** Devices that a rollout which is done did not bring to the release. */
export function leftBehind({ devices, started }: RolloutState): readonly string[] {
  const unmoved = [...devices].filter(([, { phase }]) => !whole.has(phase)).map(([name]) => name)
  return [...started.unreachable, ...unmoved]
}

/** Those that wait are held back, a release behind on purpose. */
const whole: ReadonlySet<DevicePhase> = new Set(['healthy', 'waiting'])
