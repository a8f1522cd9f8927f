import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { frameReader } from './packets.ts'
import { runShared } from './run-shared.ts'
import type { SharedRequest } from './run-shared.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timeball-master-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const framed = (...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint32(body.length), body])
}
const said = (type: number, ...parts: Uint8Array[]): Buffer =>
  framed(Buffer.of(0, type), uint32(0), ...parts)
const text = (value: string): Buffer => framed(Buffer.from(value))

const hello = framed(uint32(1), uint32(4))
const proxy = framed(uint32(0x8000_000f), uint32(0))
const opened = (window: number): Buffer => said(91, uint32(7), uint32(window), uint32(32_768))
const exit = (code: number): Buffer =>
  Buffer.concat([said(96), said(98, text('exit-status'), Buffer.of(0), uint32(code)), said(97)])

interface Master {
  readonly path: string
  /** Types of the connection protocol's messages, in the order in which they came. */
  readonly heard: number[]
}

const servers: Server[] = []
const sockets: Socket[] = []
after(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

/** Answers the greeting with `greets`, and each message with what `answer` makes of it. */
async function master(
  answer: (type: number, body: Buffer, socket: Socket) => Buffer | null,
  greets: readonly Buffer[] = [hello, proxy],
): Promise<Master> {
  const path = join(folder, String(servers.length))
  const heard: number[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    let greeted = 0
    const frames = frameReader()
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      for (const frame of frames(Buffer.from(chunk)) ?? []) {
        const greeting = greets[greeted]
        if (greeted++ < 2) {
          if (greeting !== undefined) socket.write(greeting)
          continue
        }
        heard.push(frame[1] ?? 0)
        const reply = answer(frame[1] ?? 0, frame.subarray(2), socket)
        if (reply !== null) socket.write(reply)
      }
    })
  }).listen(path)
  servers.push(server)
  await once(server, 'listening')
  return { path, heard }
}

function request(given: Partial<SharedRequest> = {}): SharedRequest {
  return {
    stdin: new Uint8Array(),
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onStdout: () => 'more',
    ...given,
  }
}

test('where nobody listens, or nobody whom we understand, nothing was asked', async () => {
  assert.equal(await runShared(join(folder, 'none'), 'c', request()), null)
  const older = await master(() => null, [framed(uint32(1), uint32(3))])
  assert.equal(await runShared(older.path, 'c', request()), null)
  const unwilling = await master(() => null, [hello, framed(uint32(0x8000_0003), uint32(0))])
  assert.equal(await runShared(unwilling.path, 'c', request()), null)
  const full = await master((type) => (type === 90 ? said(92, uint32(4), text('no')) : null))
  assert.equal(await runShared(full.path, 'c', request()), null)
  const gone = await master((_, __, socket) => {
    socket.destroy()
    return null
  })
  assert.equal(await runShared(gone.path, 'c', request()), null)
})

test('output, errors and the exit status come through', async () => {
  const { path } = await master((type) => {
    if (type === 90) return opened(1000)
    const ends = Buffer.concat([said(94, text('out')), said(95, uint32(1), text('err')), exit(3)])
    return type === 98 ? ends : null
  })
  let output = ''
  const onStdout = (chunk: Buffer) => {
    output += chunk.toString()
    return 'more' as const
  }
  const end = await runShared(path, 'c', request({ onStdout }))
  assert.deepEqual(end, { kind: 'exited', code: 3, stderr: 'err', log: '' })
  assert.equal(output, 'out')
})

test('no more is sent than the far side takes', async () => {
  let taken = 0
  const { path } = await master((type, body) => {
    if (type === 90) return opened(10)
    if (type === 94) {
      const bytes = body.readUInt32BE(4)
      assert.ok(bytes <= 10)
      taken += bytes
      return said(93, uint32(bytes))
    }
    return type === 96 ? exit(0) : null
  })
  const end = await runShared(path, 'c', request({ stdin: Buffer.alloc(95) }))
  assert.equal(end?.kind, 'exited')
  assert.equal(taken, 95)
})

test('the far side may go on only when what it said has been dealt with', async () => {
  const piece = Buffer.alloc(32_000)
  let dealt = 0
  const granted: number[] = []
  const { path } = await master((type, body) => {
    if (type === 90) return opened(10)
    if (type === 98) return Buffer.concat(Array.from({ length: 40 }, () => said(94, framed(piece))))
    if (type !== 93) return null
    granted.push(body.readUInt32BE(4))
    assert.ok(granted.reduce((sum, bytes) => sum + bytes) <= dealt)
    return exit(0)
  })
  const onStdout = async (chunk: Buffer) => {
    await new Promise((resolve) => setImmediate(resolve))
    dealt += chunk.length
    return 'more' as const
  }
  const end = await runShared(path, 'c', request({ onStdout }))
  assert.deepEqual([end?.kind, end?.code], ['exited', 0])
  assert.equal(granted.length, 1)
  assert.equal(dealt, 40 * piece.length)
})

test('a connection that goes away while a command runs is lost, and not tried again', async () => {
  const { path } = await master((type, _, socket) => {
    if (type === 98) socket.destroy()
    return type === 90 ? opened(10) : null
  })
  const end = await runShared(path, 'c', request())
  assert.equal(end?.kind, 'exited')
  assert.equal(end.code, 255)
  assert.match(end.log ?? '', /closed/u)
})

test('a command that was killed says by which signal', async () => {
  const killed = Buffer.concat([
    said(98, text('exit-signal'), Buffer.of(0), text('KILL')),
    said(97),
  ])
  const { path } = await master((type) => {
    if (type === 90) return opened(10)
    return type === 98 ? killed : null
  })
  const end = await runShared(path, 'c', request())
  assert.deepEqual([end?.kind, end?.code], ['exited', 255])
  assert.match(end?.log ?? '', /signal KILL/u)
})

test('what is called off while the session is asked for is closed as soon as there is one', async () => {
  const stop = new AbortController()
  const closed = Promise.withResolvers<void>()
  const { path, heard } = await master((type, _, socket) => {
    if (type === 97) closed.resolve()
    if (type !== 90) return null
    stop.abort()
    setImmediate(() => socket.write(opened(10)))
    return null
  })
  const end = await runShared(path, 'c', request({ signal: stop.signal }))
  assert.equal(end?.kind, 'aborted')
  await closed.promise
  assert.deepEqual(heard, [90, 97])
})

async function* half() {
  yield Buffer.from('half')
  await Promise.reject(new Error('the rest is gone'))
}

test('an input that fails ends the command, which never sees the end of it', async () => {
  const closed = Promise.withResolvers<void>()
  const { path, heard } = await master((type) => {
    if (type === 97) closed.resolve()
    return type === 90 ? opened(1000) : null
  })
  const end = await runShared(path, 'c', request({ stdin: half() }))
  assert.equal(end?.kind, 'aborted')
  await closed.promise
  assert.ok(!heard.includes(96))
})
