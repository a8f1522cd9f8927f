/**
 * docs/json.md and docs/records.schema.json are made from the schemas of all output. They are written
 * anew with: node fleet/test/json-docs.test.ts --write
 */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { recordSchema, recordSchemas, recordsJsonSchema } from '../src/api/records/records.ts'
import { cell, kindOf, propertiesOf, type JsonSchema } from './json-schema.ts'

const docs = join(import.meta.dirname, '../../docs')
const again = 'write it anew with: node fleet/test/json-docs.test.ts --write'

function section(schema: JsonSchema): string {
  const properties = propertiesOf(schema)
  const name = String(properties.find(([key]) => key === 'type')?.[1].const)
  const rows = properties
    .filter(([key]) => key !== 'type')
    .map(([key, property]) => {
      const isOptional = schema.required?.includes(key) !== true
      const meaning =
        `${isOptional ? 'Not always there. ' : ''}${property.description ?? ''}`.trim()
      return `| \`${key}\` | ${cell(kindOf(property))} | ${meaning} |`
    })
  const table = ['| key | value | |', '| --- | --- | --- |', ...rows].join('\n')
  return `## ${name}\n${schema.description ?? ''}\n\n${table}\n`
}

const intro = `# What \`--json\` writes
Made from the schemas in \`fleet/src/api/records/\` by a test; for programs: [records.schema.json](records.schema.json).

One JSON object a line. The first is \`version\`, the last is \`result\`, and every one has a \`type\`. \`null\` is "not known" or "not yet". Within a major number of \`ui\` keys and types are only ever added: skip those that you do not know. Times are \`_unix_ms\`, spans \`_seconds\`. What could not be done carries \`code\`, \`message\` and \`hint\`, and with a device its name: in \`errors\` of the result, or in the record of the device.

`

const page = `${intro}${recordSchemas
  .map((schema) => section(z.toJSONSchema(schema, { unrepresentable: 'any' })))
  .join('\n')}`
const title = 'A record of timeball --json'
const schema = `${JSON.stringify({ title, ...recordsJsonSchema() }, null, 2)}\n`

if (process.argv.includes('--write')) {
  await writeFile(join(docs, 'json.md'), page)
  await writeFile(join(docs, 'records.schema.json'), schema)
}

test('docs/json.md and docs/records.schema.json are what the schemas are now', async () => {
  assert.equal(await readFile(join(docs, 'json.md'), 'utf8'), page, again)
  assert.equal(await readFile(join(docs, 'records.schema.json'), 'utf8'), schema, again)
})

/** Every name of a key, at any depth. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const names =
      key === 'properties' && typeof inner === 'object' && inner !== null ? Object.keys(inner) : []
    return [...names, ...keysOf(inner)]
  })
}

test('every key is in snake_case, and every record has a name of its own', () => {
  const keys = keysOf(recordsJsonSchema())
  assert.ok(keys.length > 100)
  assert.deepEqual(
    keys.filter((key) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(key)),
    [],
  )
  const types = recordSchemas.map((each) => [...each.shape.type.values][0])
  assert.equal(new Set(types).size, types.length)
})

test('what is not in the contract is not written', () => {
  assert.ok(!recordSchema.safeParse({ type: 'plan', device: 'pi-1' }).success)
  const version = { type: 'version', timeball: '0', ui: '1.0' }
  assert.ok(recordSchema.safeParse(version).success)
  assert.ok(!recordSchema.safeParse({ ...version, more: 1 }).success)
})
