import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nothingKnown, parseMemory } from './memory.ts'
import { oldBackups } from './old-backups.ts'

const day = 86_400_000
const now = 100 * day
const limits = { nowUnixMs: now, backupMs: 2 * day, drillMs: 35 * day }
const names = ['pi-1', 'pi-2', 'pi-3']

test('a fleet without backups is told nothing of them', () => {
  assert.deepEqual(oldBackups(nothingKnown, names, limits), [])
})

test('none, an old one, and one that nobody tried are told', () => {
  const memory = {
    ...nothingKnown,
    good_unix_ms: { 'pi-1': now - day, 'pi-2': now - 3 * day, controller: now },
    drill_unix_ms: { 'pi-1': now - day },
  }
  assert.deepEqual(oldBackups(memory, names, limits), [
    'pi-3 has no good backup',
    'the last good backup of pi-2 is 3 d old',
    'a restore of pi-2 was not rehearsed in 35 d',
  ])
})

test('what is remembered and damaged knows nothing', () => {
  for (const text of ['', '{', '[]', '{"version":2}']) {
    assert.deepEqual(parseMemory(text), nothingKnown)
  }
})
