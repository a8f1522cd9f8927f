import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adjustWindow, execute, frameReader, greeting, isHello, isProxyGranted } from './packets.ts'
import { openSession, readMessage, sendClose, sendData, sendEof } from './packets.ts'

/** Without the length before it. */
function only(bytes: Buffer): Buffer {
  const [first, ...more] = frameReader()(bytes) ?? []
  assert.ok(first !== undefined && more.length === 0)
  return first
}

const number = (value: number): number[] => [0, 0, value >> 8, value & 0xff]
const text = (value: string): number[] => [...number(value.length), ...Buffer.from(value)]
/** As a server says it to channel 0. */
const said = (type: number, ...body: number[]): Buffer =>
  Buffer.from([0, type, 0, 0, 0, 0, ...body])

test('frames are the same wherever the stream is cut', () => {
  const stream = Buffer.concat([greeting, sendData(7, Buffer.from('abc')), sendEof(7)])
  const whole = frameReader()(stream)
  assert.equal(whole?.length, 4)
  for (let at = 1; at < stream.length; at++) {
    const read = frameReader()
    const parts = [...(read(stream.subarray(0, at)) ?? []), ...(read(stream.subarray(at)) ?? [])]
    assert.deepEqual(parts, whole)
  }
})

test('a frame larger than any of ssh is refused before it is waited for', () => {
  assert.equal(frameReader()(Buffer.from([0, 4, 0, 1])), null)
  assert.deepEqual(frameReader()(Buffer.from([0, 4, 0, 0])), [])
})

test('only a master of the version that we speak is spoken to', () => {
  assert.equal(isHello(Buffer.from([...number(1), ...number(4)])), true)
  assert.equal(isHello(Buffer.from([...number(1), ...number(3)])), false)
  assert.equal(isHello(Buffer.from([])), false)
  assert.equal(isProxyGranted(Buffer.from([0x80, 0, 0, 0x0f, 0, 0, 0, 0])), true)
  assert.equal(isProxyGranted(Buffer.from([0x80, 0, 0, 0x03, 0, 0, 0, 0])), false)
})

test('requests are those of RFC 4254', () => {
  const opened = [0, 90, ...text('session'), ...number(0), ...number(512), ...number(256)]
  assert.deepEqual([...only(openSession(512, 256))], opened)
  assert.deepEqual(
    [...only(execute(3, 'ls'))],
    [0, 98, ...number(3), ...text('exec'), 1, ...text('ls')],
  )
  assert.deepEqual([...only(adjustWindow(3, 9))], [0, 93, ...number(3), ...number(9)])
  assert.deepEqual([...only(sendData(3, Buffer.from('a')))], [0, 94, ...number(3), ...text('a')])
  assert.deepEqual([...only(sendEof(3))], [0, 96, ...number(3)])
  assert.deepEqual([...only(sendClose(3))], [0, 97, ...number(3)])
})

const answers = [
  [said(91, ...number(5), ...number(64), ...number(32)), { type: 'opened', id: 5, window: 64 }],
  [said(92, ...number(1), ...text('no')), { type: 'refused' }],
  [said(93, ...number(9)), { type: 'window', bytes: 9 }],
  [said(94, ...text('out')), { type: 'stdout', data: Buffer.from('out') }],
  [said(95, ...number(1), ...text('err')), { type: 'stderr', data: Buffer.from('err') }],
  [said(96), { type: 'eof' }],
  [said(97), { type: 'close' }],
  [said(98, ...text('exit-status'), 0, ...number(3)), { type: 'exit-status', code: 3 }],
  [said(98, ...text('exit-signal'), 0, ...text('KILL')), { type: 'exit-signal', signal: 'KILL' }],
  [said(98, ...text('eow@openssh.com'), 0), { type: 'other' }],
  [said(99), { type: 'granted' }],
  [said(100), { type: 'failed' }],
  [said(80), { type: 'other' }],
] as const

test('what a device says is read, and half of it is nothing', () => {
  for (const [bytes, message] of answers) {
    assert.deepEqual(readMessage(bytes), message)
    for (let length = 0; length < bytes.length; length++) {
      const part = readMessage(bytes.subarray(0, length))
      assert.ok(part === null || part.type === message.type || part.type === 'other')
    }
  }
})
