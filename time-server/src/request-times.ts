/** Counts requests and how long they took, by route. */
import type { Metric, Sample } from '@timeball/lib/exposition.ts'

export interface RequestTimes {
  /** `route` is a label: from a fixed list, never a client's text. */
  record(route: string, status: number, seconds: number): void
  metric(): Metric
}

interface Series {
  readonly route: string
  readonly status: string
  readonly counts: number[]
  count: number
  sum: number
}

const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** Starts from zero. */
export function requestTimes(): RequestTimes {
  /** By route and by hundreds of the status. */
  const all = new Map<string, Series[]>()
  return {
    record(route, status, seconds) {
      const hundreds = Math.floor(status / 100)
      const ofRoute = all.get(route) ?? []
      if (ofRoute.length === 0) all.set(route, ofRoute)
      const series = (ofRoute[hundreds] ??= aSeries(route, `${hundreds}xx`))
      series.count += 1
      series.sum += seconds
      const bucket = bounds.findIndex((bound) => seconds <= bound)
      if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    },
    metric: () => ({
      name: 'http_request_duration_seconds',
      help: 'How long requests took',
      type: 'histogram',
      samples: [...all.values()].flat().flatMap(samplesOf),
    }),
  }
}

function aSeries(route: string, status: string): Series {
  return { route, status, counts: bounds.map(() => 0), count: 0, sum: 0 }
}

function samplesOf({ route, status, counts, count, sum }: Series): Sample[] {
  const labels = { route, status }
  let total = 0
  const buckets = bounds.map((bound, index) => {
    total += counts[index] ?? 0
    return { suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: total }
  })
  return [
    ...buckets,
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ]
}
