/** Asking devices that are functions in this process. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askMany } from './ask-many.ts'
import { memoryEngine, type MemoryDevice } from '../../engines/memory/memory-engine.ts'
import { fleetOf } from '../../../test/make-fleet.ts'
import { quietOutside } from '../../../test/outside.ts'

function line(content: object): string {
  return `${JSON.stringify(content)}\n`
}

function talker(stop: AbortSignal): MemoryDevice {
  return async function* answer({ nonce }) {
    yield line({ type: 'begin', protocol: 1, nonce })
    for (const text of ['hel', 'lo\n', '']) {
      yield line({ type: 'bytes', base64: Buffer.from(text).toString('base64') })
    }
    await new Promise((resolve) => stop.addEventListener('abort', resolve))
  }
}

test('output is handed on as it comes; empty parts are no output; a stop ends it', async () => {
  const stop = new AbortController()
  const fleet = fleetOf()
  const [device] = fleet.devices
  assert.ok(device !== undefined)
  const engine = memoryEngine(new Map([[device.name, talker(stop.signal)]]))
  const parts: string[] = []
  const answers = askMany(
    [device],
    { script: '', as: 'root', seconds: 60, mostBytes: 1000 },
    {
      reach: { outside: quietOutside({}, { engine }), abort: stop.signal },
      stop: stop.signal,
      parallel: 1,
      onPart(_, part) {
        parts.push(Buffer.from(part).toString())
        if (parts.length === 2) stop.abort()
      },
    },
  )
  const [answer] = await Array.fromAsync(answers)
  assert.deepEqual(parts, ['hel', 'lo\n'])
  assert.ok(answer?.result.ok === false && answer.result.failure.code === 'interrupted')
})

test('a device that sends more than was asked for is cut off', async () => {
  const stop = new AbortController()
  const fleet = fleetOf()
  const [device] = fleet.devices
  assert.ok(device !== undefined)
  const engine = memoryEngine(new Map([[device.name, talker(stop.signal)]]))
  const answers = askMany(
    [device],
    { script: '', as: 'root', seconds: 60, mostBytes: 4 },
    {
      reach: { outside: quietOutside({}, { engine }), abort: stop.signal },
      stop: stop.signal,
      parallel: 1,
    },
  )
  const [answer] = await Array.fromAsync(answers)
  assert.ok(answer?.result.ok === false)
  assert.match(answer.result.failure.detail, /more than was asked for/)
})
