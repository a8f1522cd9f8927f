import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scriptedServer } from '@timeball/clock/sweep/test/scripted-server.ts'
import type { ClockTarget } from '../ports/clock-world.ts'
import { clockWorld } from './sweep.ts'

const { signal } = new AbortController()
const request = { samples: 2, spacingMs: 5, isSigned: true, stranger: null } as const

function target(address: string, port: number): ClockTarget {
  return { ...request, address, port }
}

test('servers are asked by IPv4 and IPv6', async () => {
  await using four = await scriptedServer()
  await using six = await scriptedServer({}, '::1')
  const outside = clockWorld({ timeoutMs: 1_000, key: null })
  const targets = [four, six].map(({ address, port }) => target(address, port))
  const { answers } = await outside.sweepClocks(targets, signal)
  assert.deepEqual(
    answers.map(({ address, addresses, swept }) => [address, addresses, swept.result.ok]),
    [
      ['127.0.0.1', ['127.0.0.1'], true],
      ['::1', ['::1'], true],
    ],
  )
})

test('a server that cannot be asked does not move the answers of the others', async () => {
  await using server = await scriptedServer({ aheadSeconds: 7 })
  const outside = clockWorld({ timeoutMs: 1_000, key: { file: '/nonexistent', id: 5 } })
  const signed = target('127.0.0.1', 9)
  const { answers } = await outside.sweepClocks(
    [signed, { ...target(server.address, server.port), isSigned: false }],
    signal,
  )
  const [first, second] = answers.map(({ swept }) => swept.result)
  assert.ok(first?.ok === false && first.failure.code === 'local')
  assert.ok(second?.ok === true && Math.round(second.value.offsetSeconds) === 7)
})

test('a sweep that was aborted before it began answers for every server', async () => {
  const outside = clockWorld({ timeoutMs: 1_000, key: null })
  const { answers } = await outside.sweepClocks([target('127.0.0.1', 9)], AbortSignal.abort())
  assert.equal(answers.length, 1)
  assert.equal(answers[0]?.swept.result.ok, false)
})

test('a name stands for all of its addresses', async () => {
  const outside = clockWorld({ timeoutMs: 1_000, key: null })
  const { answers } = await outside.sweepClocks([target('localhost', 9)], signal)
  const [answer] = answers
  assert.ok(answer && answer.address !== null)
  assert.ok(answer.addresses.includes(answer.address))
})
