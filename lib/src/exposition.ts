/** Writes Prometheus' text format, version 0.0.4, and OpenMetrics 1.0. */

/** One measured value; labels in the order in which they are written. */
export interface Sample {
  /** Of a histogram: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric with all its samples. Without samples it is left out. */
export interface Metric {
  readonly name: string
  readonly help: string
  /** `gauge` when left out. */
  readonly type?: 'gauge' | 'counter' | 'histogram'
  readonly samples: readonly Sample[]
}

/** What to answer as `content-type`. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

/** The whole text; metrics without samples are left out. */
export function formatExposition(metrics: readonly Metric[]): string {
  return metrics
    .filter((metric) => metric.samples.length > 0)
    .map(formatMetric)
    .join('')
}

/** Labels, and a value; `null` is "not known": then there is no sample, because 0 would be a claim. */
export type GaugeSample = readonly [labels: Readonly<Record<string, string>>, value: number | null]

/** One gauge with its samples, which end with a newline; nothing when it has none. */
export function formatGauge(name: string, help: string, samples: readonly GaugeSample[]): string {
  const known = samples.flatMap(([labels, value]): Sample[] =>
    value === null ? [] : [{ labels, value }],
  )
  return formatExposition([{ name, help, samples: known }])
}

export interface Exposition {
  /** What to answer as `content-type`. */
  readonly type: string
  readonly text: string
}

/** `accept` is what the asker takes. Gauges are written alike in both formats. */
export function expositionFor(accept: string, gauges: string): Exposition {
  if (accept.includes('application/openmetrics-text')) {
    const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
    return { type, text: `${gauges}# EOF\n` }
  }
  return { type: expositionType, text: gauges }
}

function formatMetric({ name, help, type = 'gauge', samples }: Metric): string {
  const lines = samples.map(
    ({ suffix = '', labels, value }) => `${name}${suffix}${formatLabels(labels)} ${value}\n`,
  )
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function formatLabels(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
