/** What references are made with: JSON Schemas, and cells of tables. */
import type { z } from 'zod'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** `string or null`, `` `a` `b` ``, `list of number`; of a mapping its keys. */
export function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(' ')
  const branches = schema.anyOf ?? schema.oneOf
  if (branches !== undefined) return branches.map(kindOf).join(' or ')
  if (schema.type === 'array') return `list of ${kindOf(itemOf(schema))}`
  if (schema.type !== 'object') return [schema.type ?? 'anything'].flat().join(' or ')
  const keys = Object.keys(schema.properties ?? {}).map((key) => `\`${key}\``)
  return keys.length === 0 ? 'mapping' : `{ ${keys.join(', ')} }`
}

export function itemOf({ items }: JsonSchema): JsonSchema {
  return typeof items === 'object' && !Array.isArray(items) ? items : {}
}

export function propertiesOf(schema: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  return Object.entries(schema.properties ?? {}).map(([key, value]) => [
    key,
    typeof value === 'object' ? value : {},
  ])
}

/** In a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** In a cell, where `<` would begin a tag. */
export function prose(text: string): string {
  return cell(text).replaceAll('<', '&lt;')
}
