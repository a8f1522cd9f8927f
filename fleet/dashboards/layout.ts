/** Rows of panels -> a dashboard: ids, places, variables, and links to the others. */
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
  type Panel,
  type RowPanel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { dataSource } from './panels.ts'

/** Grafana's grid has 24 columns. */
const gridWidth = 24

/** Panels side by side, of equal width. */
export interface Line {
  readonly height: number
  readonly panels: readonly Panel[]
}

export interface Section {
  readonly title: string
  readonly lines: readonly Line[]
}

export interface DashboardPlan {
  readonly uid: string
  readonly title: string
  readonly description: string
  /** `one`: a device has to be chosen. */
  readonly devices: 'all' | 'one'
  readonly sections: readonly Section[]
}

/** One panel for each device, made of this one. */
export function repeated(panel: Panel, perRow: number): Panel {
  return { ...panel, repeat: 'device', repeatDirection: 'h', maxPerRow: perRow }
}

export function dashboardOf(plan: DashboardPlan): Dashboard {
  const builder = new DashboardBuilder(plan.title)
    .uid(plan.uid)
    .description(plan.description)
    .tags(['timeball'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .timezone('utc')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Timeball')
        .type(DashboardLinkType.Dashboards)
        .tags(['timeball'])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    )
  for (const variable of variables(plan.devices)) builder.withVariable(variable)
  for (const mark of marks()) builder.annotation(mark)
  return { ...builder.build(), panels: place(plan.sections) }
}

function mark(name: string, color: string, expr: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(dataSource)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step('60s')
}

/** Lines across all graphs: what happened meanwhile. */
function marks(): AnnotationQueryBuilder[] {
  const moving = 'state=~"running|rolling_back"'
  return [
    mark('Rollouts', 'blue', `timeball_rollout_state{fleet=~"$fleet",${moving}} == 1`)
      .titleFormat('Rollout {{state}}')
      .tagKeys('fleet,state'),
    mark('Alerts', 'red', 'ALERTS{fleet=~"$fleet",alertstate="firing",severity!="none"}')
      .titleFormat('{{alertname}}')
      .tagKeys('device,severity'),
  ]
}

/** As Grafana's own editor writes it. */
const variableRefId = 'PrometheusVariableQueryEditor-VariableQuery'

function choice(name: string, query: string): QueryVariableBuilder {
  return (
    new QueryVariableBuilder(name)
      .label(name.charAt(0).toUpperCase() + name.slice(1))
      .datasource(dataSource)
      .query({ qryType: 1, query: `label_values(${query}, ${name})`, refId: variableRefId })
      .definition(`label_values(${query}, ${name})`)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      // oxlint-disable-next-line unicorn/no-array-sort -- of the builder, not of an array
      .sort(VariableSort.NaturalAsc)
  )
}

function manyOf(name: string, query: string): QueryVariableBuilder {
  return choice(name, query)
    .multi(true)
    .includeAll(true)
    .current({ text: 'All', value: '$__all', selected: true })
}

/** `up` has the labels of every device, also of one that does not answer. */
function variables(devices: DashboardPlan['devices']) {
  const device = 'up{device!="",fleet=~"$fleet",site=~"$site",role=~"$role"}'
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    manyOf('fleet', 'up{device!=""}').allValue('.*'),
    // A fleet whose inventory names no sites has none to choose from.
    manyOf('site', 'up{device!="",fleet=~"$fleet"}').allValue('.*'),
    manyOf('role', 'up{device!="",fleet=~"$fleet",site=~"$site"}').allValue('.*'),
    // Without a value for all: the controller's series know names, and neither site nor role.
    devices === 'all' ? manyOf('device', device) : choice('device', device),
  ]
}

function place(sections: readonly Section[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = []
  let y = 0
  let id = 1
  for (const { title, lines } of sections) {
    const row = new RowBuilder(title).build()
    placed.push({ ...row, id: id++, gridPos: { x: 0, y, w: gridWidth, h: 1 } })
    y += 1
    for (const { height, panels } of lines) {
      panels.forEach((panel, index) => {
        const [x, next] = [edge(index, panels.length), edge(index + 1, panels.length)]
        placed.push({ ...panel, id: id++, gridPos: { x, y, w: next - x, h: height } })
      })
      y += height
    }
  }
  return placed
}

function edge(index: number, count: number): number {
  return Math.round((index * gridWidth) / count)
}
