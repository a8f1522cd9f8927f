import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashOfToken, tokenText, type Token } from '../../core/controller/token.ts'
import { openAccessStore } from '../../stores/sqlite/access-store.ts'
import { checkTokens } from './check-tokens.ts'

const text = tokenText('a'.repeat(43))

function aToken(change: Partial<Token> = {}): Token {
  return {
    name: 'ada',
    role: 'operator',
    hash: hashOfToken(text),
    createdUnixMs: 1_000,
    createdBy: 'root@ops-1',
    expiresUnixMs: 90_000,
    usedUnixMs: null,
    ...change,
  }
}

async function scene(token: Token) {
  const store = openAccessStore(':memory:')
  await store.addToken(token)
  const time = { nowMs: 0, unixMs: 2_000 }
  const check = checkTokens({
    store,
    nowMs: () => time.nowMs,
    nowUnixMs: () => time.unixMs,
    log: (line) => assert.fail(line),
  })
  return { store, check, time }
}

test('the bearer of a token has its name and role, and its use is known to the minute', async () => {
  const { store, check, time } = await scene(aToken())
  assert.deepEqual(await check.bearer(text), { name: 'ada', role: 'operator' })
  time.unixMs = 3_000
  await check.bearer(text)
  const used = (await store.tokens()).map(({ usedUnixMs }) => usedUnixMs)
  assert.deepEqual(used, [2_000])
})

for (const given of ['', 'tb_', text.slice(0, -1), `${text}a`, text.slice(3), hashOfToken(text)]) {
  test(`"${given.slice(0, 10)}", ${given.length} long, is nobody's`, async () => {
    const { check } = await scene(aToken())
    assert.equal(await check.bearer(given), null)
  })
}

test('what a thief of the file finds is no token', async () => {
  const { store, check } = await scene(aToken())
  for (const value of Object.values((await store.tokens())[0] ?? {})) {
    assert.equal(await check.bearer(String(value)), null)
    assert.equal(await check.bearer(`tb_${String(value)}`), null)
  }
})

test('a token ends when its time is over, also for who is answered just then', async () => {
  const { check, time } = await scene(aToken())
  time.unixMs = 90_000
  assert.equal(await check.bearer(text), null)
  assert.equal(await check.isStill({ name: 'ada', role: 'operator' }), false)
})

test('one that was revoked, or made anew with another role, is not the same any more', async () => {
  const { store, check, time } = await scene(aToken())
  const ada = { name: 'ada', role: 'operator' } as const
  assert.equal(await check.isStill(ada), true)
  await store.removeToken('ada')
  time.nowMs = 1_001
  assert.equal(await check.bearer(text), null)
  await store.addToken(aToken({ role: 'viewer' }))
  time.nowMs = 3_000
  assert.equal(await check.isStill(ada), false)
})

test('a disk that fails lets nobody in, and is told once', async () => {
  const said: string[] = []
  let nowMs = 0
  const check = checkTokens({
    store: {
      tokens: () => Promise.reject(new Error('disk I/O error')),
      noteUse: () => Promise.resolve(),
    },
    nowMs: () => (nowMs += 2_000),
    nowUnixMs: () => 0,
    log: (line) => void said.push(line),
  })
  assert.deepEqual([await check.bearer(text), await check.bearer(text)], [null, null])
  assert.deepEqual(said, ['tokens cannot be read: Error: disk I/O error'])
})
