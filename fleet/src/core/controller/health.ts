/** Whether the controller itself is well: it sweeps, and not too long ago. */
export interface ControllerHealth {
  /** `starting`: no sweep has ended yet. `stalled`: the newest one is too old. */
  readonly status: 'ok' | 'starting' | 'stalled'
  /** Since the newest sweep ended; `null` before the first. */
  readonly sweepAgeSeconds: number | null
}

/** So many intervals without a sweep are too many; the rest is for a sweep that takes long. */
const lateIntervals = 3
const graceMs = 15_000

export function controllerHealth(
  sweptMs: number | null,
  nowMs: number,
  intervalMs: number,
): ControllerHealth {
  if (sweptMs === null) return { status: 'starting', sweepAgeSeconds: null }
  const ageMs = nowMs - sweptMs
  const isLate = ageMs > lateIntervals * intervalMs + graceMs
  return { status: isLate ? 'stalled' : 'ok', sweepAgeSeconds: ageMs / 1000 }
}
