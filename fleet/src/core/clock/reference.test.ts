import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseReference } from './reference.ts'

const cases: readonly (readonly [text: string, address: string, port: number])[] = [
  ['ntp.example.org', 'ntp.example.org', 123],
  ['ntp.example.org:1123', 'ntp.example.org', 1_123],
  ['192.0.2.1', '192.0.2.1', 123],
  ['2001:db8::1', '2001:db8::1', 123],
  ['[2001:db8::1]:1123', '2001:db8::1', 1_123],
]
for (const [text, address, port] of cases) {
  test(`${text} is a reference`, () => {
    assert.deepEqual(parseReference(text), { kind: 'server', name: text, address, port })
  })
}

test('the word controller is this machine', () => {
  assert.deepEqual(parseReference('controller'), { kind: 'controller' })
})

for (const text of ['', ' ', 'a b', '-x', 'host:0', 'host:65536', 'host:', 'http://host', '[::1']) {
  test(`${JSON.stringify(text)} is none`, () => assert.equal(parseReference(text), null))
}

test('any text is a reference without blanks and options, or none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = parseReference(text)
      if (read?.kind === 'server') assert.match(read.address, /^[A-Za-z0-9_:][A-Za-z0-9:._-]*$/)
    }),
  )
})
