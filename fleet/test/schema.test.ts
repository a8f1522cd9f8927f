/**
 * docs/fleet.schema.json is for editors, which check and complete fleet.yaml with it. It is written
 * anew with: node fleet/test/schema.test.ts --write
 */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { settingsJsonSchema } from '../src/core/settings/parse-settings.ts'

const path = join(import.meta.dirname, '../../docs/fleet.schema.json')
const title = 'fleet.yaml: the settings of a Timeball fleet'
const schema = `${JSON.stringify({ title, ...settingsJsonSchema() }, null, 2)}\n`
if (process.argv.includes('--write')) await writeFile(path, schema)

test('docs/fleet.schema.json is what the settings are now', async () => {
  const written = await readFile(path, 'utf8')
  assert.equal(written, schema, 'write it anew with: node fleet/test/schema.test.ts --write')
})
