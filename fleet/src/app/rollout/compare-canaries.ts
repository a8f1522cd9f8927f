/** Canaries against devices of the same role that were not changed, over the same minutes. */
import type { Comparison } from '../../core/rollout/sight.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { RolloutTarget } from './target.ts'

/** `null` while no canary wave waits for its judgement. */
export function compareCanaries(state: RolloutState, target: RolloutTarget): Comparison | null {
  void state
  void target
  return null
}
