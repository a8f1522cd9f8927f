/** What servers say about leap seconds, and what is known about the next one. */
import type { Leap } from '@timeball/clock/ntp/packet.ts'
import type { Candidate } from './votes.ts'

/** From a leap-seconds.list that has not expired, about the month that the sweep was made in. */
export interface LeapNotice {
  /** What the month ends with: 0 no leap second, 1 one more second, 2 one less. */
  readonly atMonthEnd: 0 | 1 | 2
  /** Until the end of the month (UTC). */
  readonly secondsToMonthEnd: number
}

/** What most votes say; `null` when they are split, or there are none. */
export type LeapMajority = Exclude<Leap, 3> | null

/** One voice for each vote, and only for votes whose members agree. */
export function leapMajority(candidates: readonly Candidate[]): LeapMajority {
  // This machine's clock as a reference has no leap flag.
  const asked = candidates.filter(({ server }) => server.swept.sent > 0)
  const groups = Map.groupBy(asked, ({ vote, server }) => vote ?? server.name)
  const said = [...groups.values()].flatMap((members) => {
    const flags = new Set(members.map(({ measurement }) => measurement.leap))
    const [flag] = flags
    return flags.size === 1 && flag !== undefined ? [flag] : []
  })
  const counts = ([0, 1, 2] as const).map((flag) => ({
    flag,
    count: said.filter((each) => each === flag).length,
  }))
  const winner = counts.find(({ count }) => count > said.length / 2)
  return winner?.flag ?? null
}

const words = ['none', 'a second more', 'a second less', 'alarm'] as const

export function leapText(leap: Leap): string {
  return words[leap]
}
