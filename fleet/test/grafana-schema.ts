/**
 * What Grafana needs of a dashboard. The Foundation SDK gives types, which the maker is checked
 * with, and no JSON Schema; this is stricter than Grafana, which ignores what it does not know.
 */
import { z } from 'zod'

const dataSource = z.strictObject({
  type: z.literal('prometheus'),
  uid: z.literal('${datasource}'),
})

const gridPos = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
})

const target = z.looseObject({
  refId: z.string().regex(/^[A-Z]$/),
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  datasource: dataSource,
})

const panel = z.looseObject({
  id: z.int().min(1),
  type: z.enum(['stat', 'timeseries', 'state-timeline', 'table']),
  title: z.string().min(1),
  description: z.string().regex(/\.$/, 'a sentence is wanted'),
  datasource: dataSource,
  gridPos,
  targets: z.array(target).min(1),
  fieldConfig: z.looseObject({
    defaults: z.looseObject({ unit: z.string().min(1), noValue: z.literal('not known') }),
    overrides: z.array(
      z.looseObject({
        matcher: z.strictObject({ id: z.string(), options: z.string() }),
        properties: z.array(z.looseObject({ id: z.string() })).min(1),
      }),
    ),
  }),
  repeat: z.string().optional(),
})

const row = z.looseObject({
  id: z.int().min(1),
  type: z.literal('row'),
  title: z.string().min(1),
  collapsed: z.literal(false),
  panels: z.tuple([]),
  gridPos: gridPos.extend({ x: z.literal(0), w: z.literal(24), h: z.literal(1) }),
})

const variable = z.looseObject({
  name: z.string().regex(/^\w+$/),
  type: z.enum(['datasource', 'query']),
  label: z.string().min(1),
  definition: z.string().optional(),
})

export const dashboardSchema = z.looseObject({
  uid: z.string().regex(/^[a-z0-9-]{1,40}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()),
  schemaVersion: z.int().min(36),
  timezone: z.literal('utc'),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  editable: z.literal(false),
  annotations: z.strictObject({
    list: z.array(
      z.looseObject({
        name: z.string().min(1),
        datasource: dataSource,
        enable: z.literal(true),
        expr: z.string().min(1),
      }),
    ),
  }),
  templating: z.looseObject({ list: z.array(variable) }),
  links: z.array(z.looseObject({ tags: z.array(z.string()), includeVars: z.literal(true) })),
  panels: z.array(z.discriminatedUnion('type', [panel, row])).min(1),
})

export type GrafanaDashboard = z.output<typeof dashboardSchema>
export type GrafanaPanel = z.output<typeof panel>

/** Without rows. */
export function panelsOf({ panels }: GrafanaDashboard): GrafanaPanel[] {
  return panels.flatMap((each) => (each.type === 'row' ? [] : [each]))
}
