/** How many errors a device writes. */
import { mostLogLines, type ObservedLog } from '../../plan/observed.ts'

/**
 * Errors a minute, the highest of the windows. `null`: there is none that was read wholly, since
 * nobody knows how long the time is in which a log that was cut was written.
 */
export function errorRate(windows: readonly ObservedLog[]): number | null {
  const whole = windows.filter(({ lines, seconds }) => lines < mostLogLines && seconds > 0)
  if (whole.length === 0) return null
  return Math.max(...whole.map(({ errors, seconds }) => (errors * 60) / seconds))
}
