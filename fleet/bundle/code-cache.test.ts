import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Script } from 'node:vm'
import { openCodeCache } from './code-cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-code-'))
after(() => rmSync(folder, { recursive: true }))

const texts = { 'a.cjs': '(x) => x + 1', 'b.cjs': '(x) => [x, x].map((y) => y * 2)' }

/** Whether V8 takes the code that is kept at `path` for this chunk. */
function isTaken(path: string, chunk: keyof typeof texts): boolean {
  const cachedData = openCodeCache(path).find(chunk)
  if (cachedData === null) return false
  return new Script(texts[chunk], { cachedData }).cachedDataRejected === false
}

function keep(path: string, chunk: keyof typeof texts): void {
  const cache = openCodeCache(path)
  cache.want(chunk, new Script(texts[chunk]))
  cache.keep()
}

test('code is kept, and that of other chunks stays', () => {
  const path = join(folder, 'new/plan')
  assert.equal(openCodeCache(path).find('a.cjs'), null)
  keep(path, 'a.cjs')
  keep(path, 'b.cjs')
  assert.ok(isTaken(path, 'a.cjs'))
  assert.ok(isTaken(path, 'b.cjs'))
  assert.deepEqual(readdirSync(join(folder, 'new')), ['plan'])
})

test('a file that was cut off, or never was one, is none', () => {
  for (const damage of [
    (path: string) => truncateSync(path, 40),
    (path: string) => truncateSync(path, 0),
    (path: string) => writeFileSync(path, 'no newline and no lengths'),
  ]) {
    const path = join(folder, 'damaged')
    keep(path, 'a.cjs')
    damage(path)
    assert.ok(!isTaken(path, 'a.cjs'))
    keep(path, 'a.cjs')
    assert.ok(isTaken(path, 'a.cjs'))
  }
})

test('where nothing can be written nothing is kept, and nothing is said', () => {
  writeFileSync(join(folder, 'file'), '')
  keep(join(folder, 'file/plan'), 'a.cjs')
  assert.ok(!isTaken(join(folder, 'file/plan'), 'a.cjs'))
})
