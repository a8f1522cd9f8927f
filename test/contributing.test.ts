import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')

test('the walk through apply is short, and its files are there', () => {
  const [, walk = ''] = /## A walk through `apply`\n([^#]*)/.exec(text) ?? []
  const files = Array.from(walk.matchAll(/`([a-z/-]+\.(?:ts|sh))`/g), ([, file = '']) => file)
  assert.ok(files.length >= 15 && files.length <= 23, String(files.length))
  for (const file of files) assert.ok(existsSync(join(root, 'fleet/src', file)), file)
})
