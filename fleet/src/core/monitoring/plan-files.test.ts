import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatManifest, parseManifest, planFiles } from './plan-files.ts'

const ours = new Map([['a', '1']])
const manifest = parseManifest(formatManifest(ours))

test('only what was written before, and not edited since, is replaced', () => {
  const wanted = new Map([['a', '2']])
  const change = (present: ReadonlyMap<string, string>): unknown =>
    planFiles(wanted, manifest, present).get('a')
  assert.equal(change(new Map()), 'created')
  assert.equal(change(new Map([['a', '1']])), 'changed')
  assert.equal(change(new Map([['a', '2']])), 'unchanged')
  assert.equal(change(new Map([['a', 'edited']])), 'foreign')
})

test('what is no longer wanted goes, unless somebody made it theirs', () => {
  assert.deepEqual([...planFiles(new Map(), manifest, ours)], [['a', 'removed']])
  assert.deepEqual([...planFiles(new Map(), manifest, new Map([['a', 'edited']]))], [])
  assert.deepEqual([...planFiles(new Map(), manifest, new Map())], [])
})

test('a manifest that cannot be read makes everything foreign', () => {
  for (const text of ['', '{', '[]', '{"a":"not a hash"}', null]) {
    assert.deepEqual(parseManifest(text), {})
  }
})

const files = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3'))
const asMap = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(entries))

test('nothing that timeball did not write is ever overwritten or removed', () => {
  fc.assert(
    fc.property(files, files, files, (before, wanted, present) => {
      const plan = planFiles(
        asMap(wanted),
        parseManifest(formatManifest(asMap(before))),
        asMap(present),
      )
      for (const [path, change] of plan) {
        if (change === 'changed' || change === 'removed') assert.equal(present[path], before[path])
        if (change === 'unchanged') assert.equal(present[path], wanted[path])
        if (change === 'created') assert.equal(present[path], undefined)
      }
      for (const path of Object.keys(wanted)) assert.ok(plan.has(path))
    }),
  )
})
