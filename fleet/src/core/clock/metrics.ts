/** A sweep in Prometheus' text format, for node_exporter's textfile collector and for `serve`. */
import { formatGauge, type GaugeSample } from '@timeball/lib/exposition.ts'
import type { ClockRow } from './row.ts'
import { clockVerdicts, type FleetTime } from './server.ts'

interface Metric {
  readonly name: string
  readonly help: string
  /** `null`: not known, so there is no sample. Absence is told by the verdict. */
  readonly value: (row: ClockRow) => number | null
}

const metrics: readonly Metric[] = [
  {
    name: 'timeball_clock_offset_seconds',
    help: 'Measured offset of the server, to the time that the fleet agrees on.',
    value: ({ judgement }) => judgement.offsetSeconds,
  },
  {
    name: 'timeball_clock_error_seconds',
    help: 'Bound on the error of the measured offset.',
    value: ({ judgement }) => judgement.errorSeconds,
  },
  {
    name: 'timeball_clock_delay_seconds',
    help: 'Round trip of the best sample.',
    value: ({ judgement: { server } }) =>
      server.swept.result.ok ? server.swept.result.value.delaySeconds : null,
  },
  {
    name: 'timeball_clock_stratum',
    help: 'Stratum that the server claims.',
    value: ({ judgement: { server } }) =>
      server.swept.result.ok ? server.swept.result.value.stratum : null,
  },
  {
    name: 'timeball_clock_falseticker',
    help: 'Whether the server is outside the time that most independent votes share.',
    value: ({ judgement: { verdict } }) =>
      verdict === 'undecidable' ? null : Number(verdict === 'falseticker'),
  },
  {
    name: 'timeball_clock_score',
    help: "Score in the way of the NTP Pool's monitor: 20 is perfect, below 10 is poor.",
    value: ({ score }) => score,
  },
  {
    name: 'timeball_clock_slo_budget_left_ratio',
    help: "What is left of the objective's error budget; below 0 the objective is missed.",
    value: ({ attainment }) => attainment?.budgetLeft ?? null,
  },
]

/** Ends with a newline. The same rows give the same text. */
export function formatClockMetrics(rows: readonly ClockRow[], time: FleetTime): string {
  const families = metrics.map(({ name, help, value }) =>
    formatGauge(
      name,
      help,
      rows.map((row): GaugeSample => [{ server: row.judgement.server.name }, value(row)]),
    ),
  )
  const verdicts = rows.flatMap(({ judgement }) =>
    clockVerdicts.map((verdict): GaugeSample => {
      const labels = { server: judgement.server.name, verdict }
      return [labels, Number(judgement.verdict === verdict)]
    }),
  )
  const decided = time.kind === 'decided'
  return [
    ...families,
    formatGauge('timeball_clock_verdict', 'What the sweep says about the server.', verdicts),
    formatGauge('timeball_clock_decided', 'Whether a majority of independent votes agrees.', [
      [{}, Number(decided)],
    ]),
    formatGauge('timeball_clock_controller_offset_seconds', 'Offset of the clock that measured.', [
      [{}, decided ? -time.centre : null],
    ]),
  ].join('')
}
