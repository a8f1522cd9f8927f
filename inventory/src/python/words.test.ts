import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitWords } from './words.ts'

function textsOf(line: string, comments: 'comments' | 'no-comments' = 'no-comments'): string[] {
  return splitWords(line, comments).words.map(({ text }) => text)
}

function mistakeOf(line: string): string | null {
  return splitWords(line, 'no-comments').mistake
}

test('words are split as a shell splits them', () => {
  assert.deepEqual(textsOf(`-o ProxyJump="a b"  -4 'it is' a\\ b "x\\"y\\z" ''`), [
    '-o',
    'ProxyJump=a b',
    '-4',
    'it is',
    'a b',
    'x"y\\z',
    '',
  ])
  assert.deepEqual(textsOf('   '), [])
  assert.match(mistakeOf('-o "x') ?? '', /not closed/)
  assert.match(mistakeOf("-o 'x") ?? '', /not closed/)
  assert.match(mistakeOf('x\\') ?? '', /backslash/)
  assert.equal(mistakeOf('-o "x"'), null)
})

test('a comment ends the line, in a word as well, but not in quotes', () => {
  assert.deepEqual(textsOf('a b#c d', 'comments'), ['a', 'b'])
  assert.deepEqual(textsOf('a "b#c" # d', 'comments'), ['a', 'b#c'])
  assert.deepEqual(textsOf('a b#c', 'no-comments'), ['a', 'b#c'])
})
