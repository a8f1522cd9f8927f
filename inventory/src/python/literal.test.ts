import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pythonRepr } from './format.ts'
import { readLiteral } from './literal.ts'

/** What `repr(ast.literal_eval(text))` of Python 3.11 says; `null`: it raises an error. */
const cases: readonly (readonly [string, string | null])[] = [
  ['5', '5'],
  ['+5', '5'],
  ['- 5', '-5'],
  ['--5', null],
  ['0644', null],
  ['00', '0'],
  ['1_000', '1000'],
  ['1__0', null],
  ['0x_1F', '31'],
  ['0b12', null],
  ['1.', '1.0'],
  ['.5e-7', '5e-08'],
  ['1e400', 'inf'],
  ['1.2.3', null],
  ['1+2', null],
  ['-True', null],
  ['True # a comment', 'True'],
  ['true', null],
  ['yes', null],
  ['', null],
  ['80,443', '(80, 443)'],
  ['(1,)', '(1,)'],
  ['(1)', '1'],
  ['()', '()'],
  ["[1, 'a', None,]", "[1, 'a', None]"],
  ['[1 2]', null],
  ["{'a': 1, 'b': [True]}", "{'a': 1, 'b': [True]}"],
  ["{1: 'x', True: 'y', 1.0: 'z'}", "{1: 'z'}"],
  ['{1}x', null],
  [`'a' "b" 'c'`, "'abc'"],
  ["'a", null],
  ["r'\\d'", "'\\\\d'"],
  ["u'\\u00e9\\x41\\101\\q'", "'éAA\\\\q'"],
  ["'\\x4'", null],
  ["f'x'", null],
  ['"""it\'s"""', '"it\'s"'],
  ["'\\n'", "'\\n'"],
  ['a.b', null],
  ["'\u200b'", "'\\u200b'"],
]
for (const [text, written] of cases) {
  test(`${JSON.stringify(text)} is ${written ?? 'text'}`, () => {
    const reading = readLiteral(text)
    assert.equal(reading.kind === 'value' ? pythonRepr(reading.value) : null, written)
  })
}

test('what no inventory can print is told apart from text', () => {
  for (const text of ['{1, 2}', 'set()', '1+2j', '...', "[b'x']", '{(1, 2): 3}']) {
    assert.equal(readLiteral(text).kind, 'unsupported', text)
  }
  assert.deepEqual(readLiteral("b'x'"), { kind: 'bytes', text: 'x' })
})

test('the words of JSON are known where Ansible knows them', () => {
  assert.deepEqual(readLiteral('[true, null]', 'json'), { kind: 'value', value: [true, null] })
  assert.equal(readLiteral('[true, null]').kind, 'text')
})

test('a million brackets end', () => {
  assert.equal(readLiteral('['.repeat(1_000_000)).kind, 'text')
  assert.equal(readLiteral('{'.repeat(1_000_000)).kind, 'text')
})
