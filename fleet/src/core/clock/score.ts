/**
 * A score for each server in the way of the NTP Pool's monitor (ntppool/monitor, statusscore.go):
 * `score = 0.95 × score + step`, so that 20 is perfect, below 10 the pool would not use the server,
 * and one lost sweep is felt for about an hour of sweeps a minute.
 */
import type { ClockSample } from './sample.ts'

const memory = 0.95
const highest = 20
const lowest = -100

/** Oldest first; `null` without samples. Sweeps without a judgement of ours do not count. */
export function scoreOf(samples: readonly ClockSample[]): number | null {
  const steps = samples.flatMap((sample) => stepOf(sample) ?? [])
  if (steps.length === 0) return null
  return steps.reduce(
    (score, { step, most }) => Math.max(lowest, Math.min(most, score * memory + step)),
    0,
  )
}

interface Step {
  readonly step: number
  /** The score is not above this afterwards. */
  readonly most: number
}

/** `null`: this sweep says nothing about the server. */
export function stepOf(sample: ClockSample): Step | null {
  const { verdict, kiss, offsetSeconds } = sample
  if (kiss !== null) return kiss === 'RATE' ? limited(-3.5) : { step: -10, most: -50 }
  switch (verdict) {
    case 'unreachable':
      return limited(-5)
    case 'unsynchronised':
      return { step: -2, most: 5 }
    case 'invalid':
      return limited(-4)
    case 'undecidable':
      return null
    case 'truechimer':
    case 'falseticker':
      return offsetSeconds === null ? limited(-4) : offsetStep(Math.abs(offsetSeconds), sample)
  }
}

function limited(step: number): Step {
  return { step, most: highest }
}

function offsetStep(seconds: number, { stratum }: ClockSample): Step {
  if (seconds > 3) return { step: -4, most: -20 }
  if (stratum !== null && stratum >= 8) return limited(-4)
  if (seconds > 0.75) return limited(-2)
  if (seconds > 0.1) return limited(0.731 - 2.308 * seconds)
  if (seconds > 0.025) return limited(1.167 - 6.667 * seconds)
  return limited(1)
}
