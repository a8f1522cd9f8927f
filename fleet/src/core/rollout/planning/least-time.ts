/** How long a rollout takes at least: what has to be waited for, however fast the devices are. */
import { countOf } from '../parallel.ts'
import type { RolloutPlan, Wave } from '../plan.ts'
import type { RolloutSettings } from '../settings.ts'

/** Milliseconds until the last wave is done that is not held back; the changes themselves are not in it. */
export function leastTimeMs(plan: RolloutPlan, settings: RolloutSettings): number {
  const waves = plan.waves.filter(({ kind }) => kind !== 'held-back')
  return waves.reduce((sum, wave) => sum + waveTimeMs(wave, plan, settings), 0)
}

function waveTimeMs({ kind, devices }: Wave, plan: RolloutPlan, settings: RolloutSettings): number {
  const { canary, min_healthy_time, max_parallel, stagger } = settings
  const soakMs = kind === 'canary' ? Math.max(canary.soak, min_healthy_time) : min_healthy_time
  const rounds = Math.max(
    Math.ceil(devices.length / countOf(max_parallel, devices.length)),
    roundsOfQuorum(devices, plan),
    roundsOfNeighbours(devices, plan),
  )
  return Math.max(rounds * soakMs, (devices.length - 1) * stagger + soakMs)
}

/** Of each set only so many may be away at once. */
function roundsOfQuorum(devices: readonly string[], { quorum }: RolloutPlan): number {
  const moving = new Set(devices)
  const rounds = quorum.map(({ members, minGood }) => {
    const count = members.filter((member) => moving.has(member)).length
    return Math.ceil(count / Math.max(1, members.length - minGood))
  })
  return Math.max(0, ...rounds)
}

/** A follower and all that it follows are never in progress together. */
function roundsOfNeighbours(devices: readonly string[], { members }: RolloutPlan): number {
  const moving = new Set(devices)
  return members.reduce((most, { device, upstreams }) => {
    const together = [device, ...upstreams].filter((name) => moving.has(name)).length
    return Math.max(most, together)
  }, 0)
}
