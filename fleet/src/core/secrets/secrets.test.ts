import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { redactor } from './redact.ts'
import { Secret, secretProblem } from './secret.ts'

const canary = new Secret('API_KEY_1', 'canary+key/0123456789=')

test('a secret does not print itself', () => {
  const shown = [
    String(canary),
    ''.concat(String(canary)),
    JSON.stringify({ canary }),
    inspect({ deep: [canary] }, { depth: 9, showHidden: true }),
  ]
  for (const text of shown) {
    assert.ok(!text.includes('canary+key'), text)
    assert.ok(text.includes('[secret API_KEY_1]'), text)
  }
})

test('the redactor knows the encodings in which a secret travels', () => {
  const redact = redactor([canary])
  const value = canary.reveal()
  const forms = [
    value,
    Buffer.from(value).toString('base64'),
    Buffer.from(value).toString('base64url'),
    encodeURIComponent(value),
    JSON.stringify({ value }),
  ]
  for (const form of forms) assert.match(redact(`before ${form} after`), /secret API_KEY_1/)
})

test('a secret inside a longer base64 text is found at every alignment', () => {
  const redact = redactor([canary])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 9 }), (before) => {
      const encoded = Buffer.from(`${before}${canary.reveal()}tail`).toString('base64')
      assert.match(redact(encoded), /secret API_KEY_1/)
    }),
  )
})

test('text without secrets is left alone', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes(canary.reveal()))
      assert.equal(redactor([canary])(text), text)
    }),
  )
})

const values = [
  { value: '', problem: 'is empty' },
  { value: 'short', problem: 'is shorter than 8 characters' },
  { value: 'with space 123', problem: /characters other than/ },
  { value: '$(reboot)reboot', problem: /characters other than/ },
  { value: 'x'.repeat(513), problem: 'is longer than 512 characters' },
] as const
for (const { value, problem } of values) {
  test(`a secret that ${String(problem)} is refused`, () => {
    const found = secretProblem(value)
    assert.ok(found !== null)
    if (typeof problem === 'string') assert.equal(found, problem)
    else assert.match(found, problem)
  })
}

test('a random key is accepted', () => assert.equal(secretProblem('Zm9vYmFyYmF6cXV4'), null))

test('a secret that contains another one is replaced whole', () => {
  const inner = new Secret('INNER', 'abcdefgh12')
  const outer = new Secret('OUTER', 'abcdefgh12-and-more-of-it')
  const shown = redactor([inner, outer])('x abcdefgh12-and-more-of-it y abcdefgh12 z')
  assert.equal(shown, 'x [secret OUTER] y [secret INNER] z')
})

test('secrets that overlap leave nothing of either', () => {
  const left = new Secret('LEFT', 'aaaa-bbbb-cccc')
  const right = new Secret('RIGHT', 'bbbb-cccc-dddd')
  assert.equal(redactor([left, right])('<aaaa-bbbb-cccc-dddd>'), '<[secret LEFT]>')
})

test('no secret of a large fleet is shown, wherever it stands', () => {
  const secrets = Array.from(
    { length: 2000 },
    (_, index) =>
      new Secret('API_KEY_1', `key-${index.toString(36).padStart(6, '0')}-${index * 7919}`),
  )
  const redact = redactor(secrets)
  const part = fc.oneof(
    fc.nat(1999).map((index) => secrets[index]?.reveal() ?? ''),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  )
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const shown = redact(parts.join(''))
      for (const secret of secrets) assert.ok(!shown.includes(secret.reveal()))
    }),
  )
})

test('a fleet of ten thousand keys does not slow its output down', () => {
  const secrets = Array.from(
    { length: 10_000 },
    (_, index) => new Secret('API_KEY_1', `some-key-that-is-long-${index}`),
  )
  const redact = redactor(secrets)
  const line = 'nothing of interest here, again and again; '.repeat(100)
  // One replaceAll for each form of each key would take minutes for this.
  for (let i = 0; i < 1000; i += 1) assert.equal(redact(line), line)
})
