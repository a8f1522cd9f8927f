import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSince, lineCutter, logsScript, mergeByTime, readLogLine } from './log-lines.ts'

test('lines of many devices are in the order of their times, to the nanosecond', () => {
  const lines = [
    readLogLine('a', '2026-11-29T02:00:01Z third'),
    readLogLine('a', 'a line without a time'),
    readLogLine('b', '2026-11-29T02:00:00.9Z second'),
    readLogLine('c', '2026-11-29T02:00:00.123456789Z first'),
    readLogLine('c', '2026-11-29T02:00:01.000000001Z last'),
  ]
  assert.deepEqual(
    mergeByTime(lines).map(({ text }) => text),
    ['first', 'second', 'third', 'a line without a time', 'last'],
  )
})

test('output in pieces is cut into whole lines, also inside of a character', () => {
  const cutter = lineCutter()
  const bytes = Buffer.from('Grüße\nzwei\ndrei')
  const lines = [...bytes].flatMap((byte) => cutter.push(Uint8Array.of(byte)))
  assert.deepEqual([...lines, ...cutter.rest()], ['Grüße', 'zwei', 'drei'])
})

test('a line that never ends is held in bounds', () => {
  const cutter = lineCutter()
  for (let part = 0; part < 10; part += 1) cutter.push(new Uint8Array(16_000).fill(0x41))
  assert.ok((cutter.rest()[0]?.length ?? 0) <= 16_384)
})

test('a pattern reaches grep as one word, whatever is in it', () => {
  const script = logsScript({ since: '1h', grep: `it's; rm -rf /`, tail: 5, follow: false })
  assert.match(script, /-e 'it'\\''s; rm -rf \/' \|\|/)
})

test('--since is a duration, days too, or a time, and no option', () => {
  assert.equal(readSince('10m'), '600s')
  assert.equal(readSince('2d'), '172800s')
  for (const good of ['1h30m', '2026-11-29T02:00:00Z', '1764381600.5']) {
    assert.equal(readSince(good), good)
  }
  for (const bad of ['', 'yesterday', '-f', '1h; reboot', '$(x)', '99999999d']) {
    assert.equal(readSince(bad), null)
  }
})
