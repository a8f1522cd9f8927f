/** The rule about what the other servers say of this one: measured together, judged by majority. */
import type { ClockFaultName } from '../clock/server.ts'
import { degraded, down, type Finding } from './ntp-rules.ts'
import type { HealthInput } from './verdict.ts'

/** What other rules do not see. The rest of a sweep's faults has rules of its own here. */
const spokenOf: ReadonlySet<ClockFaultName> = new Set([
  'week-rollover',
  'offset',
  'wrong-source',
  'loop',
  'leap-differs',
  'leap-announcement',
])

/**
 * Wrong time is worse than none, but a few milliseconds harm nobody: beyond the limit of the offset
 * a falseticker is down, below it degraded. `undecidable` says nothing against a server.
 */
export function clockRule({ clock, thresholds }: HealthInput): Finding {
  if (clock === null) return null
  const { verdict, offsetSeconds, errorSeconds, faults } = clock
  const bad = faults.filter(({ level }) => level === 'bad')
  if (verdict === 'falseticker') {
    const provedMs = (Math.abs(offsetSeconds ?? 0) - (errorSeconds ?? 0)) * 1000
    const rollover = bad.find(({ fault }) => fault === 'week-rollover')
    const text = `falseticker: ${(rollover ?? bad[0])?.text ?? 'most servers disagree with it'}`
    return provedMs > thresholds.maxOffsetMs ? down(text) : degraded(text)
  }
  const worst = bad.find(({ fault }) => spokenOf.has(fault))
  return worst === undefined ? null : degraded(worst.text)
}
