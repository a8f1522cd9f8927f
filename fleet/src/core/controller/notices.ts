/** What the log of a controller tells: verdicts that changed from one sweep to the next. */
import type { ClocksSeen } from './view.ts'

export function noticesOf(before: ClocksSeen | null, after: ClocksSeen): readonly string[] {
  const earlier = new Map(
    before?.rows.map(({ judgement }) => [judgement.server.name, judgement.verdict]),
  )
  return after.rows.flatMap(({ judgement: { server, verdict, faults } }) => {
    const was = earlier.get(server.name) ?? null
    if (was === verdict) return []
    const [fault] = faults
    const why = fault === undefined ? '' : `: ${fault.text}`
    return [`${server.name}: ${was === null ? '' : `${was}, now `}${verdict}${why}`]
  })
}
