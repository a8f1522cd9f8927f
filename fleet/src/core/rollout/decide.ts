/**
 * What happens next in a rollout: `(state, sight) -> events`. Pure. The events that intend something
 * (`move-intended`, `return-intended`) are the commands: they are journalled, then done.
 */
import { advanceWaves } from './advance-waves.ts'
import { openDraft } from './evolve.ts'
import type { RolloutEvent } from './event.ts'
import { rollBack } from './roll-back.ts'
import { judgeDevices } from './judge-devices.ts'
import type { Sight } from './sight.ts'
import type { RolloutState } from './state.ts'

export function decide(state: RolloutState, sight: Sight): readonly RolloutEvent[] {
  if (state.status.kind === 'paused' || state.status.kind === 'ended') return []
  const draft = openDraft(state)
  const judged = judgeDevices(draft, sight)
  const next = draft.status.kind === 'running' ? advanceWaves(draft, sight) : rollBack(draft, sight)
  return [...judged, ...next]
}
