/** What may be asked of a rollout in which state, why not, and what comes of it. Only here. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RolloutEvent, RolloutRequest } from './event.ts'
import { isReleaseToBlame } from './limits.ts'
import type { RolloutState } from './state.ts'

export interface RequestTime {
  /** Whether a process runs the rollout now. */
  readonly isRun: boolean
  readonly atUnixMs: number
}

/** The event for the journal; or why there is none, as a sentence about the rollout. */
export function answerRequest(
  request: RolloutRequest,
  state: RolloutState,
  { isRun, atUnixMs }: RequestTime,
): Result<RolloutEvent, string> {
  const why = obstacles[request.action](state, isRun)
  return why === null ? ok(eventOf(request, state, atUnixMs)) : fail(why)
}

/** `null`: nothing is in the way. */
type Obstacle = (state: RolloutState, isRun: boolean) => string | null

const obstacles = {
  pause: ({ status }) => (status.kind === 'running' ? null : 'only what is in progress can pause'),
  resume({ status }, isRun) {
    if (isRun) return 'it is in progress already'
    if (status.kind !== 'ended' || status.result === 'needs_attention') return null
    return 'it is over, and owes nothing'
  },
  promote(state) {
    if (state.status.kind === 'rolling-back') return 'it is rolling back'
    return hasMore(state) ? null : 'it is over, and no device was held back'
  },
  abort({ status }) {
    if (status.kind === 'rolling-back') return 'it is rolling back already'
    return status.kind === 'ended' ? 'it is over' : null
  },
  rollback: ({ status }) =>
    status.kind === 'ended' && status.result === 'rolled_back' ? 'it was rolled back' : null,
} as const satisfies Record<RolloutRequest['action'], Obstacle>

/** Also after its end: devices that were held back. */
function hasMore({ status, devices }: RolloutState): boolean {
  if (status.kind !== 'ended') return true
  return status.result === 'done' && devices.values().some(({ phase }) => phase === 'waiting')
}

function eventOf(
  { action, by, why }: RolloutRequest,
  state: RolloutState,
  atUnixMs: number,
): RolloutEvent {
  switch (action) {
    case 'pause':
      return { atUnixMs, type: 'paused', by, why, awaits: 'resume' }
    case 'resume':
      return { atUnixMs, type: 'resumed', by, why }
    case 'promote':
      return { atUnixMs, type: 'promoted', by, why }
    case 'abort':
    case 'rollback': {
      const scope = action === 'rollback' ? 'all' : abortScope[state.started.settings.on_abort]
      const words = `${action} by ${by}`
      return {
        atUnixMs,
        type: 'rolling-back',
        why: why === '' ? words : `${words}: ${why}`,
        scope,
        // Who takes a release back from all says that it is bad; who aborts may only want to stop.
        isReleaseToBlame: action === 'rollback' || isReleaseToBlame(state),
      }
    }
  }
}

/** What an operator's `abort` rolls back. */
const abortScope = {
  pause: 'failed',
  rollback_wave: 'wave',
  rollback_all: 'all',
} as const
