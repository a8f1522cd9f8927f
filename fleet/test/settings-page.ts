/** docs/settings.md, made of the schema of fleet.yaml. */
import { cell, itemOf, kindOf, propertiesOf, prose, type JsonSchema } from './json-schema.ts'

/** `rollout.canary.count`, `monitoring.maintenance[].from`, `monitoring.alerts.NAME.for`. */
export interface SettingRow {
  readonly path: string
  readonly schema: JsonSchema
}

/** A setting, with those inside its mapping, of its list, or of the mappings that it may be. */
export function settingRows(path: string, schema: JsonSchema): readonly SettingRow[] {
  return [{ path, schema }, ...settingsInside(path, schema)]
}

function settingsInside(path: string, schema: JsonSchema): readonly SettingRow[] {
  const own = propertiesOf(schema).flatMap(([key, inner]) => settingRows(`${path}.${key}`, inner))
  const { anyOf, oneOf, items, additionalProperties: named } = schema
  const branches = anyOf ?? oneOf ?? []
  return [
    ...own,
    ...branches.flatMap((branch) => settingsInside(path, branch)),
    ...(items === undefined ? [] : settingsInside(`${path}[]`, itemOf(schema))),
    ...(typeof named === 'object' ? settingsInside(`${path}.NAME`, named) : []),
  ]
}

function formatRow({ path, schema }: SettingRow): string {
  const isMapping = isSection([path, schema])
  const value = isMapping ? 'mapping' : kindOf(schema)
  const standard =
    isMapping || schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
  const meaning = prose(schema.description ?? '')
  return `| \`${path}\` | ${cell(value)} | ${cell(standard)} | ${meaning} |`
}

function isSection([, schema]: readonly [string, JsonSchema]): boolean {
  return schema.type === 'object' && propertiesOf(schema).length > 0
}

export function settingsPage(whole: JsonSchema): string {
  const sections = propertiesOf(whole)
  const head = '| key | value | default | |\n| --- | --- | --- | --- |'
  const single = sections.filter((each) => !isSection(each))
  const rest = sections.filter(isSection).map(([name, schema]) => {
    const rows = settingsInside(name, schema).map(formatRow)
    const about = schema.description === undefined ? '' : `${prose(schema.description)}\n\n`
    return `## ${name}\n${about}${head}\n${rows.join('\n')}\n`
  })
  return [
    `# Every setting of fleet.yaml
Made of its schema by a test; editors read it as [fleet.schema.json](fleet.schema.json). By example, and what is behind it: [fleet.yaml](fleet-yaml.md). Durations are \`500ms\`, \`90s\`, \`10m\`, \`2h\`, \`7d\`.

${head}
${single
  .flatMap(([key, schema]) => settingRows(key, schema))
  .map(formatRow)
  .join('\n')}
`,
    ...rest,
  ].join('\n')
}
