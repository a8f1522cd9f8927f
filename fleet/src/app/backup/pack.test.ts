/** Memory of a backup: what is on its way is a part of it, whatever its size. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { tarHeader } from '../../core/bundle/tar.ts'
import { largestBackup, packing } from './pack.ts'

const mebibyte = 1024 ** 2
const about = { subject: 'pi-1', takenAtUnixMs: 0, version: '0', bounds: largestBackup }
const member = { path: 'var/log', mode: 0o600, user: 0, group: 0, modifiedUnixSeconds: 1 }

test('of a large file no more than two parts are held', async () => {
  let pushed = 0
  let written = 0
  let mostHeld = 0
  const writer = { write: (part: Uint8Array) => Promise.resolve(void (written += part.length)) }
  const pack = packing({ ...about, writer })
  const push = async (bytes: Uint8Array): Promise<void> => {
    pushed += bytes.length
    await pack.push(bytes)
    mostHeld = Math.max(mostHeld, pushed - written)
  }
  const sizeBytes = 24 * mebibyte
  await push(Uint8Array.from(tarHeader({ ...member, sizeBytes })))
  for (let at = 0; at < sizeBytes; at += 49_152) await push(new Uint8Array(49_152))
  await push(new Uint8Array(1024))
  await pack.finish([])
  assert.ok(written > sizeBytes)
  assert.ok(mostHeld <= 2 * mebibyte, `${mostHeld} bytes were held`)
})

test('nothing more is taken from a device while the store is slow', async () => {
  const slow = Promise.withResolvers<void>()
  const pack = packing({ ...about, writer: { write: () => slow.promise } })
  const head = tarHeader({ ...member, sizeBytes: 4 * mebibyte })
  let isTaken = false
  const pushing = pack
    .push(Buffer.concat([head, new Uint8Array(4 * mebibyte), new Uint8Array(1024)]))
    .then(() => (isTaken = true))
  await setImmediate()
  assert.equal(isTaken, false)
  slow.resolve()
  await pushing
  assert.equal(isTaken, true)
})
