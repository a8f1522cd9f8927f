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
  const { status, started } = state
  if (status.kind === 'ended' && status.result === 'done') {
    // Those that wait are held back, a release behind on purpose.
    const isWhole = state.devices.values().every(({ phase }) => whole.has(phase))
    const isDone = isWhole && started.unreachable.length === 0
    return isDone ? exitCodes.done : exitCodes.devicesFailed
  }
  return isInterrupted && status.kind !== 'ended' ? exitCodes.interrupted : exitCodes.unhealthy
}

const whole: ReadonlySet<DevicePhase> = new Set(['healthy', 'waiting'])
