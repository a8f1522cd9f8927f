import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nothingKnown, parseMemory } from './memory.ts'
import { agesOfBackups, oldBackups } from './old-backups.ts'

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

test('the ages of what is well are told in a line', () => {
  const good = { 'pi-1': now - day / 2, 'pi-2': now - day, controller: now - 9 * day }
  const memory = { ...nothingKnown, good_unix_ms: good }
  assert.equal(agesOfBackups(nothingKnown, names, now), null)
  assert.equal(
    agesOfBackups(memory, names, now),
    'Backups: 2 of 3 have a good one, the oldest 1 d old; no restore was rehearsed',
  )
  assert.equal(
    agesOfBackups({ ...memory, drill_unix_ms: { 'pi-2': now - 2 * day } }, names, now),
    'Backups: 2 of 3 have a good one, the oldest 1 d old; a restore was rehearsed of 1 of 3, the oldest 2 d ago',
  )
})

test('what is remembered and damaged knows nothing', () => {
  for (const text of ['', '{', '[]', '{"version":2}']) {
    assert.deepEqual(parseMemory(text), nothingKnown)
  }
})
