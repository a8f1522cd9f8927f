import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countOf, ntpTimeOf, numberOf, parseVariables, textOf } from './variables.ts'

const parse = (text: string) => parseVariables(Buffer.from(text, 'latin1'))

test('commas inside quotes belong to the value', () => {
  const variables = parse('version="ntpd 1.2, built Jul 29", leap=0,\r\nrefid=GPS\0\0')
  assert.deepEqual(
    [...variables],
    [
      ['version', 'ntpd 1.2, built Jul 29'],
      ['leap', '0'],
      ['refid', 'GPS'],
    ],
  )
})

// The bytes that ntpsec 1.2.2 sent for filtdelay when it was asked for all variables of a peer.
test('stray bytes in one value leave the others readable', () => {
  const variables = parse('keyid=0, filtdelay=T\xbe\x1e:\xe1U 0.00 0.00, reach=0xff\r\n\0')
  assert.equal(countOf(variables, 'reach'), 255)
  assert.equal(numberOf(variables, 'filtdelay'), null)
})

for (const [text, value] of [
  ['x=-0.025', -0.025],
  ['x=1e-3', 0.001],
  ['x=0.000000', 0],
  ['x=', null],
  ['x=nan', null],
  ['x=inf', null],
  ['x=0x10', null],
  ['x=1 2', null],
  ['y=1', null],
] as const) {
  test(`"${text}" is ${value} as a number`, () => assert.equal(numberOf(parse(text), 'x'), value))
}

for (const [text, value] of [
  ['x=0x7f', 127],
  ['x=377', 377],
  ['x=-1', null],
  ['x=1.5', null],
  ['x=99999999999999999999', null],
] as const) {
  test(`"${text}" is ${value} as a count`, () => assert.equal(countOf(parse(text), 'x'), value))
}

test('a time of zero is no time', () => {
  assert.equal(ntpTimeOf(parse('x=0x00000000.00000000'), 'x'), null)
  assert.equal(ntpTimeOf(parse('x=0xeeaf0b92.80000000'), 'x'), 0xeeaf0b92_80000000n)
})

test('a name without a value, and text after quotes, are left out', () => {
  assert.deepEqual([...parse('lonely, 9bad=1, ok="a"b')], [['ok', 'a']])
})

test('any bytes give printable text under valid names, and no false numbers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      for (const [name, value] of parseVariables(bytes)) {
        assert.match(name, /^[A-Za-z_][\w.]*$/)
        // oxlint-disable-next-line no-control-regex
        assert.doesNotMatch(value, /[\u0000-\u001f\u007f-\u009f]/)
      }
    }),
  )
})

test('written variables are read back', () => {
  const value = fc.stringMatching(/^[\w.:()-]{1,12}$/)
  const quoted = fc.stringMatching(/^[\w.:(), =-]{1,12}$/).map((text) => text.trim())
  const entries = fc.uniqueArray(
    fc.tuple(fc.stringMatching(/^[a-z_]{1,8}$/), fc.oneof(value, quoted)),
    { selector: ([name]) => name },
  )
  fc.assert(
    fc.property(entries, (pairs) => {
      const text = pairs.map(([name, each]) => `${name}="${each}"`).join(',\r\n')
      assert.deepEqual([...parse(text)], pairs)
    }),
  )
})

test('a hostile 64 KiB answer is read in linear time', () => {
  const hostile = parse(`${'a'.repeat(32_768)}"${'"'.repeat(16_384)}${',='.repeat(8_192)}`)
  assert.equal(textOf(hostile, 'a'), null)
})
