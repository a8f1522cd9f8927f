/** Drift as people read it: devices of which the same is to be said are one paragraph. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { formatTopics, type Topic } from '../topics.ts'
import type { TableLayout } from '../table.ts'
import type { Drift, DriftCause } from './drift.ts'
import { namesOf } from './fold.ts'

const causes = {
  device: 'changed on the device after the last apply',
  fleet: 'not applied yet: the files of the fleet say something else since the last apply',
  new: 'nothing was applied yet',
  unattended: 'upgraded by unattended-upgrades',
} as const satisfies Record<DriftCause, string>

export function driftLines(
  drifts: readonly Drift[],
  { nowUnixMs, ...layout }: TableLayout & { readonly nowUnixMs: number },
): readonly string[] {
  const devices = Map.groupBy(drifts, ({ device, cause }) => `${cause} ${device}`)
  const alike = Map.groupBy([...devices.values()], (own) =>
    JSON.stringify(own.map((drift) => ({ ...drift, device: '' }))),
  )
  return [...alike.values()].flatMap((group) => {
    const [first = []] = group
    const names = namesOf(group.flatMap(([drift]) => drift?.device ?? []))
    const topics = first.map((drift): Topic => {
      const text = `${drift.what}${sinceText(drift, nowUnixMs)}`
      return { topic: `  ${drift.resource}`, text, tone: null }
    })
    return [`${names}: ${causes[first[0]?.cause ?? 'device']}`, ...formatTopics(topics, layout)]
  })
}

function sinceText({ sinceUnixMs }: Drift, nowUnixMs: number): string {
  if (sinceUnixMs === null) return ''
  const at = Temporal.Instant.fromEpochMilliseconds(sinceUnixMs).toString({
    smallestUnit: 'second',
  })
  return `, since ${at.replace('T', ' ')} (${formatSpan(nowUnixMs - sinceUnixMs)} ago)`
}
