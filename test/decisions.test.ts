import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const folder = join(import.meta.dirname, '../docs/decisions')

test('decisions are numbered in a row, in their names and in their titles', () => {
  const files = readdirSync(folder).toSorted()
  for (const [index, file] of files.entries()) {
    assert.match(file, new RegExp(`^${String(index + 1).padStart(4, '0')}-`))
    assert.match(readFileSync(join(folder, file), 'utf8'), new RegExp(`^# ${index + 1}\\. `))
  }
})
