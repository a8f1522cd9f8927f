import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deliveryReader } from './delivery-reader.ts'
import { beginLine, diskLine, endLine, failedLine, testNonce } from '../ports/engine.contract.ts'

function read(chunks: readonly Uint8Array[]) {
  const seen: string[] = []
  const reader = deliveryReader({ nonce: testNonce, onLine: (line) => seen.push(line.type) })
  const answers = chunks.map((chunk) => reader.push(chunk))
  return { reader, seen, answers }
}

const report = Buffer.from(`motd\n${beginLine(testNonce)}${diskLine}${endLine(testNonce)}`)

test('the report is the same however the network cuts it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(report.length), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), report.length]
      const chunks = at.slice(1).map((end, index) => report.subarray(at[index], end))
      const { reader, seen, answers } = read(chunks)
      assert.ok(reader.result()?.ok)
      assert.deepEqual(seen, ['begin', 'disk', 'end'])
      assert.equal(answers.filter((answer) => answer === 'complete').length, 1)
    }),
  )
})

test('a report that is cut short has no result, wherever it is cut', () => {
  for (let length = 0; length < report.length; length++) {
    assert.equal(read([report.subarray(0, length)]).reader.result(), null)
  }
})

test('bytes that know no nonce are never a success, and never an exception', () => {
  const pieces = fc.constantFrom(
    diskLine,
    failedLine('x'),
    '{"type":"begin"}\n',
    '\u0000\n',
    '{}\n',
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    pieces.map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), (chunks) => {
      const { reader, seen } = read(chunks)
      assert.notEqual(reader.result()?.ok, true)
      assert.deepEqual(seen, [])
      assert.doesNotMatch(reader.noise(), /\p{Cc}/u)
    }),
  )
})

test('nothing after the end counts', () => {
  const { reader, answers } = read([report, Buffer.from('{"type":"end"}\ngarbage\n')])
  assert.ok(reader.result()?.ok)
  assert.deepEqual(answers, ['complete', 'more'])
})

test('a report of very many lines is refused before they are gone through', () => {
  for (const line of ['{"type":"x"}\n', diskLine]) {
    const { reader, seen } = read([Buffer.from(beginLine(testNonce) + line.repeat(30_000))])
    const result = reader.result()
    assert.equal(result?.ok === false && result.failure.code, 'output-too-large')
    assert.ok(seen.length <= 20_000)
  }
})
