/** Durations as Prometheus and Alertmanager write them, compressed where `time_scale` says so. */
import { formatDuration } from '@timeball/lib/duration.ts'

export interface TimeScale {
  /** How long something lasts. */
  readonly duration: (ms: number) => string
  /** The window of a range selector: it has to hold a few scrapes, however short time is. */
  readonly window: (ms: number) => string
  /** How long that is. */
  readonly windowMs: (ms: number) => number
  /** Seconds, for a comparison with `time()`. */
  readonly seconds: (ms: number) => number
}

/** `timeScale` is 1 in operation; in tests and drills an hour can be seconds. */
export function timeScaleOf(settings: {
  readonly time_scale: number
  readonly scrape_interval: number
}): TimeScale {
  const scaled = (ms: number): number => ms * settings.time_scale
  const windowMs = (ms: number): number => Math.max(scaled(ms), 4 * settings.scrape_interval)
  return {
    duration: (ms) => formatDuration(scaled(ms)),
    window: (ms) => formatDuration(windowMs(ms)),
    windowMs,
    seconds: (ms) => scaled(ms) / 1000,
  }
}
