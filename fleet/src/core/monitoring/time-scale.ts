/** Durations as Prometheus and Alertmanager write them, compressed where `time_scale` says so. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** A whole number of the largest unit that gives one, such as `90s`; at least 1 ms. */
export function formatDuration(ms: number): string {
  const whole = Math.max(1, Math.round(ms))
  const [unit, size] = units.find(([, each]) => whole % each === 0) ?? ['ms', 1]
  return `${whole / size}${unit}`
}

export interface TimeScale {
  /** How long something lasts. */
  readonly duration: (ms: number) => string
  /** The window of a range selector: it has to hold a few scrapes, however short time is. */
  readonly window: (ms: number) => string
  /** Seconds, for a comparison with `time()`. */
  readonly seconds: (ms: number) => number
}

/** `timeScale` is 1 in operation; in tests and drills an hour can be seconds. */
export function timeScaleOf(settings: {
  readonly time_scale: number
  readonly scrape_interval: number
}): TimeScale {
  const scaled = (ms: number): number => ms * settings.time_scale
  return {
    duration: (ms) => formatDuration(scaled(ms)),
    window: (ms) => formatDuration(Math.max(scaled(ms), 4 * settings.scrape_interval)),
    seconds: (ms) => scaled(ms) / 1000,
  }
}
