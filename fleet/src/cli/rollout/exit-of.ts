import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { RolloutState } from '../../core/rollout/state.ts'

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
    const phases = [...state.devices.values()].map(({ phase }) => phase)
    return phases.includes('not-reached') ? exitCodes.devicesFailed : exitCodes.done
  }
  return isInterrupted && status.kind !== 'ended' ? exitCodes.interrupted : exitCodes.unhealthy
}
