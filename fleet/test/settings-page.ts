/** docs/settings.md, made of the schema of fleet.yaml. */
import { cell, kindOf, propertiesOf, prose, type JsonSchema } from './json-schema.ts'

/** `rollout.canary.count`, with the keys of mappings below them. */
function settingRows(path: string, schema: JsonSchema): readonly string[] {
  const inner = propertiesOf(schema)
  const isMapping = schema.type === 'object' && inner.length > 0
  const value = isMapping ? 'mapping' : kindOf(schema)
  const standard =
    isMapping || schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
  const meaning = prose(schema.description ?? '')
  const row = `| \`${path}\` | ${cell(value)} | ${cell(standard)} | ${meaning} |`
  return [row, ...inner.flatMap(([key, property]) => settingRows(`${path}.${key}`, property))]
}

function isSection([, schema]: readonly [string, JsonSchema]): boolean {
  return schema.type === 'object' && propertiesOf(schema).length > 0
}

export function settingsPage(whole: JsonSchema): string {
  const sections = propertiesOf(whole)
  const head = '| key | value | default | |\n| --- | --- | --- | --- |'
  const single = sections.filter((each) => !isSection(each))
  const rest = sections.filter(isSection).map(([name, schema]) => {
    const rows = propertiesOf(schema).flatMap(([key, inner]) =>
      settingRows(`${name}.${key}`, inner),
    )
    const about = schema.description === undefined ? '' : `${prose(schema.description)}\n\n`
    return `## ${name}\n${about}${head}\n${rows.join('\n')}\n`
  })
  return [
    `# Every setting of fleet.yaml
Made of its schema by a test; editors read it as [fleet.schema.json](fleet.schema.json). By example, and what is behind it: [fleet.yaml](fleet-yaml.md). Durations are \`500ms\`, \`90s\`, \`10m\`, \`2h\`, \`7d\`.

${head}
${single.flatMap(([key, schema]) => settingRows(key, schema)).join('\n')}
`,
    ...rest,
  ].join('\n')
}
