/** The real fleet, as the runner of a rollout wants it. */
import type { RolloutState } from '../../core/rollout/state.ts'
import { openMeasure } from './measure.ts'
import { moveDevice } from './move-device.ts'
import { recoverDevice, returnDevice } from './return-device.ts'
import { gone, takeInHand, type DeviceInHand, type RolloutTarget } from './target.ts'
import { watchDowntime, type GapWatch } from './watch-downtime.ts'
import { watchShadow } from './watch-shadow.ts'
import type { ActionEvent, RolloutWorld } from './world.ts'

/** `atStart`: what the journal said when this process took the rollout up. */
export function fleetWorld(target: RolloutTarget, atStart: RolloutState): RolloutWorld {
  const measure = openMeasure(target)
  const watches = new Map<string, GapWatch>()
  /** A device that left the inventory is named, and keeps nobody. */
  const inHand = async <T>(
    device: string,
    signal: AbortSignal,
    act: (hand: DeviceInHand) => Promise<T>,
  ): Promise<T | ActionEvent> => {
    watches.get(device)?.stop()
    watches.delete(device)
    const hand = takeInHand(device, target, signal)
    if (hand !== null) return await act(hand)
    return { atUnixMs: target.nowMs(), device, type: 'stuck', detail: gone }
  }
  return {
    nowMs: () => target.nowMs(),
    wait: (ms, signal) => target.outside.wait(ms, signal),
    measure: (state, signal) =>
      measure(
        state,
        (device) => ({
          downtimeSeconds: watches.get(device)?.downtimeSeconds() ?? null,
          lastingSeconds: watches.get(device)?.lastingSeconds() ?? null,
        }),
        signal,
      ),
    move: ({ device, step, wave, reverted }, { started }, signal) =>
      inHand(device, signal, async (hand) => {
        const isRepeated = atStart.devices.get(device)?.step === step
        const isCanary = started.plan.waves[wave]?.kind === 'canary'
        if (isCanary && !isRepeated && started.settings.shadow > 0) {
          const detail = await watchShadow(hand, target, signal)
          const atUnixMs = target.nowMs()
          if (detail !== null)
            return { atUnixMs, type: 'not-moved', device, reason: 'shadow', detail }
        }
        const watch = watchDowntime(hand.device, target.outside, signal)
        watches.set(device, watch)
        const event = await moveDevice(hand, { isRepeated, reverted }, target)
        // What an earlier runner began was not watched from its beginning: its downtime is not known.
        if (event.type === 'moved' && event.tookSeconds !== null) watch.changed()
        else watch.stop()
        return event
      }),
    rollBack: ({ device }, _state, signal) =>
      inHand(device, signal, (hand) => returnDevice(hand, target)),
    recover: ({ device, errorsPerMinuteBefore }, _state, signal) =>
      inHand(device, signal, (hand) => recoverDevice(hand, target, errorsPerMinuteBefore)),
  }
}
