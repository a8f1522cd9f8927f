import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextChange, parseLeapList, taiOffsetAt } from './leap-list.ts'
import { shortLeapList } from '../test/leap-list-text.ts'

test('a list is read with its dates in Unix seconds', () => {
  const list = parseLeapList(shortLeapList)
  assert.ok(list.ok)
  assert.equal(list.value.changes.length, 3)
  assert.equal(
    new Date(list.value.expiresAtSeconds * 1000).toISOString(),
    '2026-12-27T00:00:00.000Z',
  )
  assert.equal(taiOffsetAt(list.value, 0), null)
  assert.equal(taiOffsetAt(list.value, Date.UTC(2016, 11, 31, 23, 59, 59) / 1000), 36)
  assert.equal(taiOffsetAt(list.value, Date.UTC(2017, 0, 1) / 1000), 37)
  assert.equal(nextChange(list.value, Date.UTC(2016, 0, 1) / 1000)?.taiOffsetSeconds, 37)
  assert.equal(nextChange(list.value, Date.UTC(2026, 0, 1) / 1000), null)
})

for (const [name, change] of [
  ['a changed date', (text: string) => text.replace('3692217600', '3692217601')],
  ['a changed expiry', (text: string) => text.replace('#@\t4007318400', '#@\t4107318400')],
  ['a missing hash', (text: string) => text.replace('#h', '#x')],
  ['a line of something else', (text: string) => `${text}hello\n`],
  ['no data', (text: string) => text.replaceAll(/^\d.*$/gm, '')],
  ['nothing', () => ''],
] as const) {
  test(`${name} is refused`, () => {
    assert.ok(!parseLeapList(change(shortLeapList)).ok)
  })
}

test('zeros at the beginning of a group of the hash may be missing', () => {
  const stripped = shortLeapList.replaceAll(/(?<=^#h.*)\b0+(?=[0-9a-f])/gm, '')
  assert.ok(parseLeapList(stripped).ok)
})

test('no text makes it throw', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...shortLeapList.split('\n')))
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      assert.equal(typeof parseLeapList(lines.join('\n')).ok, 'boolean')
    }),
  )
})
