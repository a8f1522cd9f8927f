/** Prometheus' text format, version 0.0.4, and OpenMetrics 1.0. */

/** Labels, and a value; `null` is "not known": then there is no sample, because 0 would be a claim. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | null]

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
  return { type: 'text/plain; version=0.0.4; charset=utf-8', text: gauges }
}

/** One metric with its samples, which end with a newline; nothing when it has none. */
export function formatGauge(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.flatMap(([labels, value]) =>
    value === null ? [] : [`${name}${formatLabels(labels)} ${value}`],
  )
  if (lines.length === 0) return ''
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n')
}

function formatLabels(labels: Sample[0]): string {
  const inner = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return inner.length === 0 ? '' : `{${inner.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
