/** The real fleet, as the runner of a rollout wants it. */
import type { RolloutState } from '../../core/rollout/state.ts'
import type { Run } from '../outside.ts'
import { openMeasure } from './measure.ts'
import { moveDevice } from './move-device.ts'
import { recoverDevice, returnDevice } from './return-device.ts'
import { deviceOf, type RolloutTarget } from './target.ts'
import { watchDowntime, type GapWatch } from './watch-downtime.ts'
import { watchShadow } from './watch-shadow.ts'
import type { RolloutWorld } from './world.ts'

/** `atStart`: what the journal said when this process took the rollout up. */
export function fleetWorld(target: RolloutTarget, atStart: RolloutState): RolloutWorld {
  const measure = openMeasure(target)
  const watches = new Map<string, GapWatch>()
  return {
    nowMs: () => target.nowMs(),
    wait: (ms, signal) => target.outside.wait(ms, signal),
    measure: (state, signal) =>
      measure(state, (device) => watches.get(device)?.downtimeSeconds() ?? null, runOf(signal)),
    async move({ device, step, wave }, { started }, signal) {
      watches.get(device)?.stop()
      const isRepeated = atStart.devices.get(device)?.step === step
      const isCanary = started.plan.waves[wave]?.kind === 'canary'
      if (isCanary && !isRepeated && started.settings.shadow > 0) {
        const detail = await watchShadow(device, target, runOf(signal))
        const atUnixMs = target.nowMs()
        if (detail !== null)
          return { atUnixMs, type: 'not-moved', device, reason: 'refused', detail }
      }
      const watch = watchDowntime(deviceOf(target, device).device, target.outside, signal)
      watches.set(device, watch)
      const event = await moveDevice(device, isRepeated, target, runOf(signal))
      // What an earlier runner began was not watched from its beginning: its downtime is not known.
      if (event.type === 'moved' && event.tookSeconds !== null) watch.changed()
      else watch.stop()
      return event
    },
    rollBack({ device }, _state, signal) {
      watches.get(device)?.stop()
      return returnDevice(device, target, runOf(signal))
    },
    recover: ({ device }, _state, signal) => recoverDevice(device, target, runOf(signal)),
  }
}

function runOf(abort: AbortSignal): Run {
  return { stop: abort, abort, emit: () => {} }
}
