import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from './test/any-text.ts'
import { printable } from './printable.ts'

test('escape sequences, controls and reordering characters do not survive', () => {
  assert.equal(
    printable('\u001B[31mred\u001B[0m\u0007 a\r\nb\u202Ecod\u200B.exe\u009B2J'),
    'red a b cod .exe 2J',
  )
})

test('long text is cut and says so', () => {
  assert.equal(printable('x'.repeat(400)).length, 300)
  assert.ok(printable('x'.repeat(400)).endsWith('…'))
})

test('any text becomes one bounded line without controls', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 500 }), (text) => {
      const line = printable(text, 80)
      assert.ok(line.length <= 80)
      assert.doesNotMatch(line, /[\p{Cc}\u2028-\u202E\u2066-\u2069]/u)
    }),
  )
})
