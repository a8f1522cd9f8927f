import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepOutput } from './kept-output.ts'

test('the first bytes are kept, wherever the limit cuts, and what did not fit is told', () => {
  const kept = keepOutput(5)
  assert.equal(kept.push(Buffer.from('abc')), true)
  assert.equal(kept.push(Buffer.from('de')), true)
  assert.equal(kept.push(Buffer.from('f')), false)
  assert.equal(kept.text(), 'abcde')
  const cut = keepOutput(2)
  assert.equal(cut.push(Buffer.from('abc')), false)
  assert.equal(cut.text(), 'ab')
})
