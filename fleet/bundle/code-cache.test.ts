import assert from 'node:assert/strict'
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openCodeCache } from './code-cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-code-'))
after(() => rmSync(folder, { recursive: true }))

const texts = { 'a.cjs': '(x) => x + 1', 'b.cjs': '(x) => [x, x].map((y) => y * 2)' }

/** One run of a command that uses these chunks, as far as they have been kept. */
function run(path: string, ...chunks: readonly (keyof typeof texts)[]): unknown[] {
  const cache = openCodeCache(path)
  const found = chunks.map((chunk) => {
    const value = cache.find(chunk)
    if (value === undefined) cache.want(chunk, texts[chunk])
    return typeof value === 'function' ? Reflect.apply(value, undefined, [20]) : value
  })
  cache.keep()
  return found
}

/** The length of the code that is kept, which a fresh process takes. */
function codeLength(path: string): number {
  const [first = ''] = readFileSync(path, 'latin1').split('\n')
  return Number(first.trim().split(' ').at(-1))
}

test('what ran is kept, with its code after the next run, and other chunks are added', () => {
  const path = join(folder, 'new/plan')
  assert.deepEqual(run(path, 'a.cjs'), [undefined])
  assert.equal(codeLength(path), 0)
  assert.deepEqual(run(path, 'a.cjs'), [21])
  assert.ok(codeLength(path) > 0)
  assert.deepEqual(run(path, 'a.cjs', 'b.cjs'), [21, undefined])
  assert.deepEqual(run(path, 'b.cjs', 'a.cjs'), [[40, 40], 21])
  assert.ok(codeLength(path) > 0)
  assert.deepEqual(readdirSync(join(folder, 'new')), ['plan'])
})

test('code that V8 takes is left as it is, and what it refuses is made anew', () => {
  const path = join(folder, 'refused')
  run(path, 'a.cjs')
  run(path, 'a.cjs')
  const good = readFileSync(path)
  run(path, 'a.cjs')
  assert.deepEqual(readFileSync(path), good)
  // A text that this process has not compiled: V8 would not look at the code.
  good.write('5', good.indexOf('x + 1') + 4)
  writeFileSync(path, good.fill(0, good.length - codeLength(path)))
  assert.deepEqual(run(path, 'a.cjs'), [25])
  assert.ok(
    readFileSync(path)
      .subarray(-codeLength(path))
      .some((byte) => byte !== 0),
  )
})

test('a place in the code is one in the file', () => {
  const path = join(folder, 'places')
  const cache = openCodeCache(path)
  cache.want('a.cjs', '() => 1')
  cache.want('b.cjs', '() => {\n  throw new Error("here") }')
  cache.keep()
  const value = openCodeCache(path).find('b.cjs')
  assert.ok(typeof value === 'function')
  assert.throws(() => Reflect.apply(value, undefined, []), { stack: /places:4:9/ })
  assert.match(readFileSync(path, 'latin1').split('\n')[3] ?? '', /^ {2}throw new Error/)
})

test('a file that was cut off, or never was one, is none', () => {
  for (const damage of [
    (path: string) => truncateSync(path, 40),
    (path: string) => truncateSync(path, 0),
    (path: string) => writeFileSync(path, 'no newline and no lengths'),
  ]) {
    const path = join(folder, 'damaged')
    run(path, 'a.cjs')
    damage(path)
    assert.deepEqual(run(path, 'a.cjs'), [undefined])
    assert.deepEqual(run(path, 'a.cjs'), [21])
  }
})

test('where nothing can be written nothing is kept, and nothing is said', () => {
  writeFileSync(join(folder, 'file'), '')
  assert.deepEqual(run(join(folder, 'file/plan'), 'a.cjs'), [undefined])
  assert.deepEqual(run(join(folder, 'file/plan'), 'a.cjs'), [undefined])
})
