/**
 * What is made from the schemas of fleet.yaml: docs/fleet.schema.json, with which editors check and
 * complete it, docs/settings.md, and the values of sections that a file leaves out. They are written
 * anew with: node fleet/test/schema.test.ts --write
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultSections } from '../src/core/settings/default-sections.ts'
import { defaultSettings, settingsJsonSchema } from '../src/core/settings/whole-settings.ts'
import { schemaFor } from '../src/main/settings-schema.ts'
import { propertiesOf } from './json-schema.ts'
import { settingRows, settingsPage } from './settings-page.ts'

const again = 'write it anew with: node fleet/test/schema.test.ts --write'
const path = join(import.meta.dirname, '../../docs/fleet.schema.json')
const pagePath = join(import.meta.dirname, '../../docs/settings.md')
const page = settingsPage(settingsJsonSchema())
const title = 'fleet.yaml: the settings of a Timeball fleet'
const schema = `${JSON.stringify({ title, ...settingsJsonSchema() }, null, 2)}\n`
const { rollout, monitoring, backup, schedules } = defaultSettings()
const large = { rollout, monitoring, backup, schedules }

if (process.argv.includes('--write')) {
  await writeFile(path, schema)
  await writeFile(pagePath, page)
  const sections = join(import.meta.dirname, '../src/core/settings/default-sections.ts')
  const [before = ''] = (await readFile(sections, 'utf8')).split('= {')
  await writeFile(sections, `${before}= ${JSON.stringify(large)}\n`)
  spawnSync('oxfmt', [sections], { stdio: 'inherit' })
}

test('docs/fleet.schema.json is what the settings are now', async () => {
  assert.equal(await readFile(path, 'utf8'), schema, again)
})

test('docs/settings.md has every setting, with its default', async () => {
  assert.equal(await readFile(pagePath, 'utf8'), page, again)
  assert.match(page, /^\| `rollout\.canary\.count` \| .* \| `1` \|/m)
})

test('every setting says what it is', () => {
  const rows = propertiesOf(settingsJsonSchema()).flatMap(([key, inner]) => settingRows(key, inner))
  const silent = rows.filter(({ schema: { description } }) => description === undefined)
  assert.deepEqual(
    silent.map(({ path: setting }) => setting),
    [],
  )
})

test('the sections that a file leaves out are what their schemas make of nothing', async () => {
  assert.deepEqual(defaultSections, large, again)
  assert.deepEqual((await schemaFor({})).parse({}), defaultSettings())
})
