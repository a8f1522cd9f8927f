/** What `gps calibrate` found, and what to write where, as people read it. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { latencySetting, usualLatencySeconds, type SerialOffset } from './serial-offset.ts'

export interface Calibration {
  readonly device: string
  readonly offset: SerialOffset
  readonly tookMs: number
  /** What the inventory has; `null`: nothing. */
  readonly setSeconds: number | null
  /** Where the device is written, such as `inventory.yml:7`. */
  readonly place: string
}

export function proposalOf({ offset, setSeconds }: Calibration): number | null {
  const proposed = latencySetting(offset)
  return proposed === (setSeconds ?? usualLatencySeconds) ? null : proposed
}

export function calibrationLines(calibration: Calibration): readonly string[] {
  const { device, offset, tookMs, setSeconds, place } = calibration
  const against = offset.against === 'pulse' ? 'the pulse' : "the fleet's agreed time"
  const [late, from, to] = [offset.lateSeconds, offset.fromSeconds, offset.toSeconds].map(
    (seconds) => (seconds * 1000).toFixed(1),
  )
  const now = setSeconds === null ? `${usualLatencySeconds} by default` : String(setSeconds)
  const proposed = proposalOf(calibration)
  const found = [
    `${device}: ${offset.samples} sentences in ${formatSpan(tookMs)}, against ${against}`,
    `  late by  ${late} ms (median); nine of ten are late by ${from} to ${to} ms`,
  ]
  if (proposed === null) return [...found, `  setting  gps_latency is ${now}, and fits`]
  return [
    ...found,
    `  setting  gps_latency is ${now}, and should be ${proposed}`,
    `Write it into the variables of ${device} (${place}):`,
    `    gps_latency: ${proposed}`,
    `and then: timeball plan ${device}`,
  ]
}
