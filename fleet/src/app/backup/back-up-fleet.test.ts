/** Devices that are functions in this process, some of them hostile, and a store in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tarHeader } from '../../core/bundle/tar.ts'
import { memoryEngine, type MemoryDevice } from '../../engines/memory/memory-engine.ts'
import type { BackupStore } from '../../ports/backup-store.ts'
import { fleetOf } from '../../../test/make-fleet.ts'
import { quietOutside } from '../../../test/outside.ts'
import { backUpFleet, type BackedUp } from './back-up-fleet.ts'

function line(content: object): string {
  return `${JSON.stringify(content)}\n`
}

interface Sent {
  readonly archive: Uint8Array
  readonly exit?: object
}

function device({ archive, exit = {} }: Sent): MemoryDevice {
  return function* answer({ nonce }) {
    yield line({ type: 'begin', protocol: 1, nonce })
    for (let at = 0; at < archive.length; at += 3000) {
      const base64 = Buffer.from(archive.subarray(at, at + 3000)).toString('base64')
      yield line({ type: 'bytes', base64 })
    }
    yield line({ type: 'exit', code: 0, in_time: true, left_out_bytes: 0, ...exit })
    yield line({ type: 'end', nonce, status: 'ok', generation: 1 })
  }
}

const about = { mode: 0o600, user: 0, group: 0, modifiedUnixSeconds: 1 }
const end = new Uint8Array(1024)

function file(path: string, text: string): Uint8Array {
  const content = Buffer.from(text)
  const padding = new Uint8Array((512 - (content.length % 512)) % 512)
  const head = tarHeader({ ...about, path, sizeBytes: content.length })
  return Buffer.concat([head, content, padding])
}

const environment = file('opt/mcp-utc-time-server/.env', 'API_KEY_1=a-key-of-a-device\n')
const good = Buffer.concat([environment, end])

function never(): never {
  assert.fail('nothing is read here')
}

function storeInMemory() {
  const kept: string[] = []
  const abandoned: string[] = []
  const store: BackupStore = {
    ...{ name: 'memory', notes: [], list: never, read: never, verify: never, remove: never },
    begin: ({ subject, takenAtUnixMs }) =>
      Promise.resolve({
        ok: true,
        value: {
          write: () => Promise.resolve(),
          commit() {
            kept.push(subject)
            const value = { id: 'ab', subject, takenAtUnixMs, bytes: 1 }
            return Promise.resolve({ ok: true, value })
          },
          abandon: () => Promise.resolve(void abandoned.push(subject)),
        },
      }),
  }
  return { store, kept, abandoned }
}

const { devices } = fleetOf()
const [first, second] = devices
assert.ok(first !== undefined && second !== undefined)

async function backUp(sent: Sent, memory = storeInMemory()): Promise<readonly BackedUp[]> {
  const engine = memoryEngine(
    new Map([
      [first?.name ?? '', device(sent)],
      [second?.name ?? '', device({ archive: good })],
    ]),
  )
  const { signal } = new AbortController()
  const backups = backUpFleet(devices.slice(0, 2), {
    reach: { outside: quietOutside({}, { engine }), abort: signal },
    ...{ stop: signal, store: memory.store, version: '0', identity: false, parallel: 2 },
    lastUnixMs: new Map(),
    nowUnixMs: () => 1_800_000_000_000,
  })
  return await Array.fromAsync(backups)
}

test('what is good is kept', async () => {
  const memory = storeInMemory()
  const done = await backUp({ archive: good }, memory)
  assert.ok(done.every(({ result }) => result.ok))
  assert.equal(memory.kept.length, 2)
})

const link = Uint8Array.from(
  tarHeader({ ...about, path: 'opt/mcp-utc-time-server/x', sizeBytes: 0 }),
)
link[156] = 0x32
link.fill(0x20, 148, 156)
const sum = link.reduce((total, byte) => total + byte, 0)
link.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148)

const hostile: readonly (readonly [name: string, sent: Sent, said: RegExp])[] = [
  ['a link', { archive: Buffer.concat([link, good]) }, /\/x is a symbolic link/],
  [
    'a way out',
    { archive: Buffer.concat([file('../etc/shadow', ''), good]) },
    /\.\.\/etc\/shadow leads out/,
  ],
  [
    'what nobody asked for',
    { archive: Buffer.concat([file('etc/shadow', ''), good]) },
    /etc\/shadow was not asked for/,
  ],
  [
    'a bomb',
    { archive: tarHeader({ ...about, path: 'opt/mcp-utc-time-server/x', sizeBytes: 8 ** 10 }) },
    /\/x is larger than allowed/,
  ],
  ['half of it', { archive: good.subarray(0, 700) }, /\.env is cut off/],
  ['nothing', { archive: end }, /has no .*\.env: was it ever applied/],
  ['a failure of tar', { archive: good, exit: { code: 3 } }, /its archive is not whole/],
  ['too slow an end', { archive: good, exit: { in_time: false } }, /its time was over/],
  ['more than it had leave to', { archive: good, exit: { left_out_bytes: 9 } }, /is not whole/],
]
for (const [name, sent, said] of hostile) {
  test(`a device that sends ${name} has no new backup, and the other one has`, async () => {
    const memory = storeInMemory()
    const done = await backUp(sent, memory)
    const bad = done.find((each) => each.device === first.name)
    assert.match(bad?.result.ok === false ? bad.result.failure.detail : 'kept', said)
    assert.deepEqual(memory.kept, [second.name])
    assert.deepEqual(memory.abandoned, [first.name])
  })
}
