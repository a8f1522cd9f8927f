import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { parseEnvFile } from './env-file.ts'
import { keyRing } from './key-ring.ts'
import type { KeyRing } from './key-ring.ts'
import { parseKeys } from './parse-keys.ts'
import type { ApiKey } from './parse-keys.ts'
import { keysInFile, watchKeys } from './watch-keys.ts'

const keysOf = (variables: Readonly<Record<string, string>>): readonly ApiKey[] => {
  const keys = parseKeys(variables)
  assert.ok(keys.ok)
  return keys.value
}
const ringOf = (variables: Readonly<Record<string, string>>, mode: 'open' | 'closed' = 'open') =>
  keyRing({ keys: keysOf(variables), mode, perMinute: 600 })
/** Seconds to wait; `null`: not let in at all. */
const admit = (ring: KeyRing, key: string | null, nowMs = 0, tokens = 1): number | null => {
  if (ring.isOpen) return 0
  const ticket = key === null ? null : ring.find(key)
  return ticket === null ? null : ring.spend(ticket, tokens, nowMs)
}
const isIn = (ring: KeyRing, key: string | null): boolean => admit(ring, key) === 0

test('plain keys and JSON keys are read, others are left alone', () => {
  const json = '{"key":"key-of-grafana","name":"grafana","rate_limit":60}'
  const keys = keysOf({
    API_KEY_1: 'first-key-1',
    API_KEY_GRAFANA: json,
    API_KEY_2: '',
    OTHER: 'x',
  })
  assert.deepEqual(
    keys.map(({ name, perMinute }) => [name, perMinute]),
    [
      ['API_KEY_1', null],
      ['grafana', 60],
    ],
  )
})

for (const value of [
  'short',
  'with a blank',
  'x'.repeat(513),
  '{"key":1}',
  '{"key":"key-key-key"',
  '{"key":"key-key-key","rate_limit":0}',
  '{"key":"key-key-key","rate_limit":"60"}',
  '{"key":"key-key-key","name":""}',
]) {
  test(`${value.slice(0, 40)} is refused, and the sentence does not tell it`, () => {
    const keys = parseKeys({ API_KEY_1: value })
    assert.ok(!keys.ok)
    assert.match(keys.failure.join(), /^API_KEY_1/)
    assert.ok(!keys.failure.join().includes(value))
  })
}

test('no text makes the readers throw', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      assert.equal(typeof parseKeys({ API_KEY_1: text, API_KEY_2: `{${text}` }).ok, 'boolean')
      assert.equal(typeof keysInFile(`API_KEY_1=${text}`).ok, 'boolean')
    }),
  )
})

test('a file is read as Compose reads it', () => {
  const text = `# no\nA=1\r\n export B = "two words" \nC='x # y'\nD=z # w\nE=\nno line\n__proto__=x\n`
  const read = { ...parseEnvFile(text) }
  assert.deepEqual(
    Object.entries(read).filter(([name]) => name.length === 1),
    [
      ['A', '1'],
      ['B', 'two words'],
      ['C', 'x # y'],
      ['D', 'z'],
      ['E', ''],
    ],
  )
})

test('without keys everybody is in, unless the ring is closed', () => {
  assert.ok(isIn(ringOf({}), null))
  assert.ok(!isIn(ringOf({}, 'closed'), null))
  assert.ok(!isIn(ringOf({}, 'closed'), 'anything-at-all'))
})

test('with keys only they are in', () => {
  const ring = ringOf({ API_KEY_1: 'first-key-1', API_KEY_2: 'second-key-2' })
  for (const key of ['first-key-1', 'second-key-2']) assert.ok(isIn(ring, key))
  for (const key of [null, '', 'first-key-', 'first-key-11', 'FIRST-KEY-1']) {
    assert.ok(!isIn(ring, key), String(key))
  }
})

test('a key has so many requests a minute, and others are not touched by its count', () => {
  const ring = ringOf({ API_KEY_1: '{"key":"slow-key-1","rate_limit":2}', API_KEY_2: 'fast-key-2' })
  const waits = [0, 0, 0, 29_000, 30_000, 30_000].map((ms) => admit(ring, 'slow-key-1', ms))
  assert.deepEqual(waits, [0, 0, 30, 1, 0, 30])
  assert.ok(isIn(ring, 'fast-key-2'))
})

test('what costs more takes more of the requests of a minute, and at most all of them', () => {
  const ring = ringOf({ API_KEY_1: '{"key":"slow-key-1","rate_limit":20}' })
  const waits = [10, 10, 10, 1].map((tokens) => admit(ring, 'slow-key-1', 0, tokens))
  assert.deepEqual(waits, [0, 0, 30, 3])
  assert.equal(admit(ring, 'slow-key-1', 60_000, 1000), 0)
})

test('a key that is taken away no longer counts where it was found before', () => {
  const ring = ringOf({ API_KEY_1: 'first-key-1' })
  const ticket = ring.find('first-key-1')
  ring.replace(keysOf({ API_KEY_1: 'first-key-1', API_KEY_2: 'second-key-2' }))
  assert.equal(ticket?.counts, true)
  ring.replace(keysOf({ API_KEY_2: 'second-key-2' }))
  assert.equal(ticket?.counts, false)
})

test('replacing keys keeps the count of those that stay', () => {
  const slow = { API_KEY_1: '{"key":"slow-key-1","rate_limit":1}' }
  const ring = ringOf(slow)
  assert.ok(isIn(ring, 'slow-key-1'))
  ring.replace(keysOf({ ...slow, API_KEY_2: 'second-key-2' }))
  assert.equal(admit(ring, 'slow-key-1'), 60)
  ring.replace(keysOf({ API_KEY_2: 'second-key-2' }))
  assert.equal(admit(ring, 'slow-key-1'), null)
})

test('a changed file replaces the keys; a broken, empty or missing one does not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-keys-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, '.env')
  const ring = ringOf({ API_KEY_1: 'first-key-1' }, 'closed')
  const messages: string[] = []
  const log = (_: string, message: string): void => void messages.push(message)
  const watch = watchKeys({ path, ring, log, intervalMs: 3_600_000 })
  t.after(() => watch.stop())
  async function change(text: string): Promise<void> {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
    await watch.look()
    await watch.look()
  }
  await watch.look()
  await watch.look()
  assert.ok(isIn(ring, 'first-key-1'), 'no file yet')
  assert.match(
    watch.problem() ?? '',
    /cannot be read \(ENOENT\); only the keys of the environment count$/,
  )
  await change('API_KEY_1=first-key-1\nAPI_KEY_2=second-key-2\n')
  assert.ok(isIn(ring, 'first-key-1') && isIn(ring, 'second-key-2'))
  assert.equal(watch.problem(), null)
  await change('API_KEY_2=second-key-2\n')
  assert.ok(!isIn(ring, 'first-key-1') && isIn(ring, 'second-key-2'))
  for (const broken of ['', 'API_KEY_1=x\n', 'NTP_SERVERS=192.0.2.1\n']) {
    await change(broken)
    assert.ok(isIn(ring, 'second-key-2'), broken)
    assert.match(watch.problem() ?? '', /API_KEY_.*the former keys still count/)
  }
  await rm(path)
  messages.length = 0
  for (let count = 0; count < 5; count += 1) await watch.look()
  assert.ok(isIn(ring, 'second-key-2'))
  assert.match(watch.problem() ?? '', /ENOENT/)
  assert.deepEqual(messages, ['keys file cannot be used'], 'said once')

  await writeFile(path, 'API_KEY_3=third-key-')
  await watch.look()
  await writeFile(path, 'API_KEY_3=third-key-3\n')
  await watch.look()
  assert.ok(!isIn(ring, 'third-key-'), 'half a file is not believed')
  await watch.look()
  assert.ok(isIn(ring, 'third-key-3'))
  assert.ok(messages.includes('keys replaced'))
})
