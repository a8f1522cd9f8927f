/** The downtime: how long a device gives no good time to clients while it is changed. */
import type { Device } from '../../core/device/device.ts'
import type { Outside } from '../outside.ts'

/**
 * ntpd answers one client once a second, on average, and then with silence; the sweeps are that
 * client, too. So a daemon that is not in step yet, or silent, is not asked more often. Only where
 * nobody listens there is nobody to mind.
 */
const pauseMs = { good: 2_000, unusable: 1_500, away: 250 } as const

export interface GapWatch {
  /**
   * Seconds from the last good answer to the next, which is up to two too long; 0 when none was
   * missed; `null` until good answers come after the change.
   */
  downtimeSeconds(): number | null
  /** Seconds since the last good answer, while none comes after the change; `null`: it is over. */
  lastingSeconds(): number | null
  /** The change is made: with the next good answer the gap is over. */
  changed(): void
  stop(): void
}

export function watchDowntime(
  device: Device,
  outside: Pick<Outside, 'probeNtp' | 'nowMs' | 'wait'>,
  signal: AbortSignal,
): GapWatch {
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  let isChanged = false
  let longestMs = 0
  let result: number | null = null
  let lastGoodMs = outside.nowMs()
  let hasMissed = false

  const ask = async (): Promise<keyof typeof pauseMs> => {
    const answer = await outside.probeNtp(device, 1, until)
    if (answer.ok) return answer.value.leap === 3 ? 'unusable' : 'good'
    return answer.failure.code === 'refused' ? 'away' : 'unusable'
  }
  const watch = async (): Promise<void> => {
    while (!until.aborted) {
      // An answer that came while the change was under way may still be the old daemon's.
      const wasChanged = isChanged
      const answer = await ask()
      if (answer === 'good') {
        const nowMs = outside.nowMs()
        if (hasMissed) longestMs = Math.max(longestMs, nowMs - lastGoodMs)
        lastGoodMs = nowMs
      }
      hasMissed = answer !== 'good'
      if (wasChanged && !hasMissed) {
        result = longestMs / 1000
        return
      }
      await outside.wait(pauseMs[answer], until)
    }
  }
  void watch()
  return {
    downtimeSeconds: () => result,
    lastingSeconds: () =>
      isChanged && hasMissed && result === null ? (outside.nowMs() - lastGoodMs) / 1000 : null,
    changed() {
      isChanged = true
    },
    stop: () => over.abort(),
  }
}
