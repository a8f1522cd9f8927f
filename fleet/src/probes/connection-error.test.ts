import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { connectionErrorText } from './connection-error.ts'

test('what the system calls ECONNREFUSED is said in words, also inside other errors', async () => {
  // Nothing listens on TCP 1.
  const socket = connect({ host: '127.0.0.1', port: 1 })
  const [error]: readonly unknown[] = await once(socket, 'error').catch((thrown: unknown) => [
    thrown,
  ])
  for (const each of [
    error,
    new TypeError('fetch failed', { cause: error }),
    new AggregateError([error]),
  ]) {
    assert.equal(connectionErrorText(each), 'the connection was refused')
  }
})

test('what there are no words for is told as it is, printable', () => {
  const odd = Object.assign(new Error('broken'), { code: 'EODD\u001b[31m' })
  assert.ok(connectionErrorText(odd).startsWith('EODD'))
  assert.ok(!connectionErrorText(odd).includes('\u001b'))
})
