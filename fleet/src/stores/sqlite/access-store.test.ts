import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { auditMistakes, type AuditEntry } from '../../core/controller/audit.ts'
import { openAccessStore } from './access-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-access-'))
after(() => rmSync(folder, { recursive: true }))

function entry(what: string): AuditEntry {
  const act = { action: 'rollout.pause', result: 'done' }
  return { atUnixMs: 1, who: 'ada', from: 'command line', what, ...act }
}

async function logAt(path: string, count: number): Promise<void> {
  const store = openAccessStore(path)
  for (let number = 1; number <= count; number += 1) await store.append(entry(`r-${number}`))
  await store.close()
}

async function mistakesAt(path: string): Promise<readonly string[]> {
  const store = openAccessStore(path)
  const mistakes = auditMistakes(await store.lines({ after: 0 }), await store.noted())
  await store.close()
  return mistakes
}

test('two commands write one chain', async () => {
  const path = join(folder, 'two.db')
  const [one, other] = [openAccessStore(path), openAccessStore(path)]
  for (const what of ['a', 'b', 'c']) {
    await one.append(entry(what))
    await other.append(entry(what))
  }
  const lines = await one.lines({ after: 0 })
  assert.equal(lines.length, 6)
  assert.deepEqual(auditMistakes(lines, await other.noted()), [])
  assert.deepEqual(await one.lines({ most: 2 }), lines.slice(4))
  assert.deepEqual(await one.lines({ after: 3, most: 2 }), lines.slice(3, 5))
  await one.close()
  await other.close()
})

test('a log that was cut is noticed, also when it goes on', async () => {
  const path = join(folder, 'cut.db')
  await logAt(path, 5)
  const database = new DatabaseSync(path)
  database.exec('DELETE FROM audit WHERE seq > 3')
  database.close()
  assert.deepEqual(await mistakesAt(path), ['lines 4 to 5 are missing at the end'])
  await logAt(path, 1)
  assert.deepEqual(await mistakesAt(path), ['lines 4 to 5 are missing before 6'])
})

test('one that is gone wholly is noticed, too', async () => {
  const path = join(folder, 'gone.db')
  await logAt(path, 2)
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  assert.deepEqual(await mistakesAt(path), ['lines 1 to 2 are missing at the end'])
})

test('files are for their owner only; what is no database is not replaced', async () => {
  const path = join(folder, 'own', 'access.db')
  await logAt(path, 1)
  assert.equal(statSync(join(folder, 'own')).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, 'own/access.head')).mode & 0o777, 0o600)
  const broken = join(folder, 'broken.db')
  writeFileSync(broken, 'this is no database, and long enough to be looked at as one '.repeat(40))
  assert.throws(() => openAccessStore(broken), /not a database/)
})

test('a name has one token', async () => {
  const store = openAccessStore(':memory:')
  const times = { createdUnixMs: 1, createdBy: 'ada', expiresUnixMs: 2, usedUnixMs: null }
  const token = { name: 'ci', role: 'viewer', hash: 'h', ...times } as const
  assert.equal(await store.addToken(token), true)
  assert.equal(await store.addToken({ ...token, hash: 'other' }), false)
  await store.noteUse('ci', 7)
  assert.deepEqual(await store.tokens(), [{ ...token, usedUnixMs: 7 }])
  assert.equal(await store.removeToken('ci'), true)
  assert.equal(await store.removeToken('ci'), false)
  await store.close()
})
