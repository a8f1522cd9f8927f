/** Counts requests and how long they took, by route: labels are from a fixed list, never a client's. */
import type { Metric, Sample } from '@timeball/lib/exposition.ts'

export interface RequestTimes {
  record(path: string, status: number, seconds: number): void
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
const exact = new Set([
  '/health',
  '/metrics',
  '/mcp',
  '/api/time',
  '/api/unix',
  '/api/nanos',
  '/api/timezones',
  '/api/time/uncertainty',
  '/api/ntp/status',
  '/api/ntp/peers',
  '/api/gps/status',
  '/api/leap-second/status',
  '/api/openapi.json',
])
const zonePrefix = '/api/time/timezone/'

/** Starts from zero. */
export function requestTimes(): RequestTimes {
  const all = new Map<string, Series>()
  return {
    record(path, code, seconds) {
      const route = routeOf(path)
      const status = code >= 100 && code < 600 ? `${Math.floor(code / 100)}xx` : 'other'
      const key = `${route} ${status}`
      let series = all.get(key)
      if (series === undefined) {
        series = { route, status, counts: bounds.map(() => 0), count: 0, sum: 0 }
        all.set(key, series)
      }
      series.count += 1
      series.sum += seconds
      const bucket = bounds.findIndex((bound) => seconds <= bound)
      if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    },
    metric: () => ({
      name: 'http_request_duration_seconds',
      help: 'How long requests took',
      type: 'histogram',
      samples: [...all.values()].flatMap(samplesOf),
    }),
  }
}

function routeOf(path: string): string {
  if (exact.has(path)) return path
  return path.startsWith(zonePrefix) ? `${zonePrefix}{tz}` : 'other'
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
