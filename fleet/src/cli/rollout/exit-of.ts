import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { RolloutState } from '../../core/rollout/state.ts'

/**
 * Of a rollout that this process does not run any more. Whatever did not end with the new release on
 * its devices is not 0. `isInterrupted`: by a signal. `missed`: devices that had no place in the waves
 * because they did not answer.
 */
export function exitOf(
  state: RolloutState,
  { isInterrupted, missed }: { readonly isInterrupted: boolean; readonly missed: number },
): ExitCode {
  const { status } = state
  if (status.kind === 'ended' && status.result === 'done') {
    const phases = [...state.devices.values()].map(({ phase }) => phase)
    return missed > 0 || phases.includes('not-reached') ? exitCodes.devicesFailed : exitCodes.done
  }
  return isInterrupted && status.kind !== 'ended' ? exitCodes.interrupted : exitCodes.unhealthy
}
