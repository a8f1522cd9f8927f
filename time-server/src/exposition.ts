/** Writes Prometheus' text format, version 0.0.4. Pure. */

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
