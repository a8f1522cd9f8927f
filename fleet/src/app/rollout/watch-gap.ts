/** The serving gap: how long a device gives no good time to clients while it is changed. */
import type { Device } from '../../core/fleet/fleet.ts'
import type { Outside } from '../outside.ts'

/**
 * ntpd answers one client once a second, on average, and the sweeps are that client, too. While it
 * is away there is nobody to mind.
 */
const servingPauseMs = 2_000
const awayPauseMs = 250

export interface GapWatch {
  /**
   * Seconds from the last good answer to the next, which is up to two too long; 0 when none was
   * missed; `null` until good answers come after the change.
   */
  gapSeconds(): number | null
  /** The change is made: with the next good answer the gap is over. */
  changed(): void
  stop(): void
}

export function watchGap(
  device: Device,
  outside: Pick<Outside, 'probeNtp' | 'nowMs' | 'wait'>,
  signal: AbortSignal,
): GapWatch {
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  let isChanged = false
  let longestMs = 0
  let result: number | null = null

  const isGood = async (): Promise<boolean> => {
    const answer = await outside.probeNtp(device, 1, until)
    return answer.ok && answer.value.leap !== 3
  }
  const watch = async (): Promise<void> => {
    let lastGoodMs = outside.nowMs()
    let hasMissed = false
    while (!until.aborted) {
      // An answer that came while the change was under way may still be the old daemon's.
      const wasChanged = isChanged
      if (await isGood()) {
        const nowMs = outside.nowMs()
        if (hasMissed) longestMs = Math.max(longestMs, nowMs - lastGoodMs)
        lastGoodMs = nowMs
        hasMissed = false
      } else hasMissed = true
      if (wasChanged && !hasMissed) {
        result = longestMs / 1000
        return
      }
      await outside.wait(hasMissed ? awayPauseMs : servingPauseMs, until)
    }
  }
  void watch()
  return {
    gapSeconds: () => result,
    changed() {
      isChanged = true
    },
    stop: () => over.abort(),
  }
}
