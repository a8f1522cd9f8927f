/** What a sweep and a look at the devices leave behind: for readers of events, and for looking back. */
import { sampleOf } from '../../core/clock/sample.ts'
import { noticesOf } from '../../core/controller/notices.ts'
import type { ClocksSeen, DeviceCheck } from '../../core/controller/view.ts'
import type { SeriesStore } from '../../ports/series-store.ts'
import type { EventHub } from './event-hub.ts'

function sweepNews(
  { startedUnixMs, quorum, good }: ClocksSeen,
  notices: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    swept_unix_ms: startedUnixMs,
    good: good.size,
    quorum: quorum.map(({ name, verdict }) => ({ set: name, verdict })),
    notices,
  }
}

export function devicesNews(found: readonly DeviceCheck[]): Readonly<Record<string, unknown>> {
  return {
    checked: found.length,
    reached: found.filter(({ isReachable }) => isReachable).length,
    drifted: found.filter(({ drift }) => drift !== null && drift.length > 0).length,
  }
}

export interface NewsParts {
  readonly events: Pick<EventHub, 'publish'>
  readonly series: Pick<SeriesStore, 'append'>
  readonly log: (line: string) => void
}

/** A disk that is full is told once, and is no reason to stop measuring. */
export function sweepTeller({
  events,
  series,
  log,
}: NewsParts): (before: ClocksSeen | null, after: ClocksSeen) => Promise<void> {
  let isTold = false
  return async (before, after) => {
    const { rows, startedUnixMs } = after
    const notices = noticesOf(before, after)
    for (const notice of notices) log(notice)
    events.publish('sweep', sweepNews(after, notices))
    try {
      await series.append(rows.map(({ judgement }) => sampleOf(judgement, startedUnixMs)))
      isTold = false
    } catch (error) {
      if (!isTold) log(`the history of clocks is not kept: ${String(error)}`)
      isTold = true
    }
  }
}
