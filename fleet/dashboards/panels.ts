/**
 * Kinds of panels, made with Grafana's Foundation SDK. Each has a title, what it says in a sentence,
 * units, and queries; ids and places come with the layout.
 */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common'
import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel,
  type ThresholdsConfig,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** Whichever Prometheus the reader chose. */
export const dataSource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }

/** PromQL, and how its series are called. */
export type Query = readonly [expr: string, legend: string]

/** From this value on the colour; the first one has no value. */
export type Steps = readonly [string, ...(readonly [value: number, color: string])[]]

/** Values as words. */
export type Words = Readonly<Record<string, readonly [text: string, color: string]>>

export interface Shown {
  readonly title: string
  readonly description: string
  readonly unit: string
  readonly queries: readonly Query[]
  readonly steps?: Steps
  readonly words?: Words
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
}

/** One big number, or a few; coloured by `steps`. */
export function stat(shown: Shown): Panel {
  const builder = new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(shown.steps === undefined ? BigValueColorMode.None : BigValueColorMode.Background)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  return finish(builder, shown, 'instant')
}

/** Lines over time. `steps` are drawn as lines, too. */
export function graph(shown: Shown, change: (builder: GraphBuilder) => unknown = () => {}): Panel {
  const builder = new GraphBuilder()
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .legend(legend())
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(TooltipDisplayMode.Multi)
        // oxlint-disable-next-line unicorn/no-array-sort -- of the builder, not of an array
        .sort(SortOrder.Descending),
    )
  if (shown.steps !== undefined) {
    const style = new common.GraphThresholdsStyleConfigBuilder()
    builder.thresholdsStyle(style.mode(GraphThresholdsStyleMode.Dashed))
  }
  change(builder)
  return finish(builder, shown, 'range')
}

/** For `graph`: what is above each other adds up. */
export function stacked(builder: GraphBuilder): void {
  builder.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal)).fillOpacity(60)
}

/** For `graph`: between the series "upper" and "lower" a band is drawn around the others. */
export function banded(builder: GraphBuilder): void {
  builder
    .overrideByName('upper', [
      { id: 'custom.fillBelowTo', value: 'lower' },
      { id: 'custom.lineWidth', value: 0 },
      { id: 'custom.fillOpacity', value: 25 },
    ])
    .overrideByName('lower', [{ id: 'custom.lineWidth', value: 0 }])
}

/** Words over time, a line for each series. */
export function timeline(shown: Shown & { readonly words: Words }): Panel {
  const builder = new TimelineBuilder().showValue(VisibilityMode.Auto).legend(legend())
  return finish(builder, shown, 'range')
}

/** A row for each value of the label `by`, and a column for each query, called by its legend. */
export function table(shown: Shown, { by, labels, link, columns }: TableOptions): Panel {
  const builder = new TableBuilder()
    .withTransformation({ id: 'joinByField', options: { byField: by, mode: 'outer' } })
    .withTransformation({
      id: 'filterFieldsByName',
      options: { include: { pattern: `^(${[by, 'Value.*', ...labels].join('|')})$` } },
    })
  shown.queries.forEach(([, title], index) => {
    const { unit, words, steps, decimals } = columns[title] ?? {}
    builder.overrideByName(`Value #${refId(index)}`, [
      { id: 'displayName', value: title },
      ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
      ...(words === undefined ? [] : [{ id: 'mappings', value: mappings(words) }]),
      ...(steps === undefined
        ? []
        : [
            { id: 'thresholds', value: thresholds(steps).build() },
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
          ]),
    ])
  })
  if (link !== null) {
    builder.overrideByName(by, [
      { id: 'links', value: [{ title: 'Open the device', url: link, targetBlank: false }] },
    ])
  }
  return finish(builder, shown, 'table')
}

export interface TableOptions {
  readonly by: string
  /** Other labels that are shown. */
  readonly labels: readonly string[]
  /** Where the name of a row leads to; `null`: nowhere. */
  readonly link: string | null
  /** By legend. */
  readonly columns: Readonly<Record<string, Column>>
}

export interface Column extends Pick<Shown, 'words' | 'steps' | 'decimals'> {
  readonly unit?: string
}

function legend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
}

interface AnyBuilder extends Builder<Panel> {
  title(title: string): unknown
  description(description: string): unknown
  datasource(source: DataSourceRef): unknown
  targets(targets: Builder<Dataquery>[]): unknown
  unit(unit: string): unknown
  decimals(decimals: number): unknown
  min(min: number): unknown
  max(max: number): unknown
  noValue(text: string): unknown
  mappings(mappings: ValueMapping[]): unknown
  thresholds(thresholds: Builder<ThresholdsConfig>): unknown
}

function finish(builder: AnyBuilder, shown: Shown, kind: 'instant' | 'range' | 'table'): Panel {
  const { title, description, unit, queries, steps, words, decimals, min, max } = shown
  builder.title(title)
  builder.description(description)
  builder.datasource(dataSource)
  builder.unit(unit)
  // An empty panel must not look like a good one.
  builder.noValue('not known')
  builder.targets(queries.map((query, index) => target(query, refId(index), kind)))
  if (decimals !== undefined) builder.decimals(decimals)
  if (min !== undefined) builder.min(min)
  if (max !== undefined) builder.max(max)
  if (steps !== undefined) builder.thresholds(thresholds(steps))
  if (words !== undefined) builder.mappings(mappings(words))
  return builder.build()
}

function target(
  [expr, legendFormat]: Query,
  id: string,
  kind: 'instant' | 'range' | 'table',
): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .datasource(dataSource)
    .expr(expr)
    .legendFormat(legendFormat)
    .refId(id)
  if (kind === 'range') return query.range()
  return kind === 'table' ? query.instant().format(PromQueryFormat.Table) : query.instant()
}

/** A, B, C, … */
function refId(index: number): string {
  return String.fromCodePoint(65 + index)
}

function thresholds([base, ...rest]: Steps): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...rest.map(([value, color]) => ({ value, color }))])
}

function mappings(words: Words): ValueMapping[] {
  const options = Object.fromEntries(
    Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]),
  )
  return [{ type: MappingType.ValueToText, options }]
}
