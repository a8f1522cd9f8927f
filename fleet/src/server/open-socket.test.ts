import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ok, type Result } from '@timeball/lib/result.ts'
import { openSocket } from './open-socket.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-socket-'))
after(() => rmSync(folder, { recursive: true }))

function open(server: Server, path: string): Promise<Result<null, string>> {
  return openSocket(path, async (at) => {
    server.listen(at)
    await once(server, 'listening')
    return ok(null)
  })
}

async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

test('only the owner may open it, and it is gone with its server', async () => {
  const path = join(folder, 'state', 'a.sock')
  const server = createServer()
  assert.deepEqual(await open(server, path), ok(null))
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(join(folder, 'state')).mode & 0o777, 0o700)
  await close(server)
  assert.ok(!existsSync(path))
})

test('one that a killed process left is replaced, one that answers is not', async () => {
  const path = join(folder, 'b.sock')
  const [old, second, third] = [createServer(), createServer(), createServer()]
  await open(old, path)
  assert.match(JSON.stringify(await open(second, path)), /another controller/)
  // The link outlives its server, as after `kill -9`.
  const left = join(folder, 'left.sock')
  linkSync(path, left)
  await close(old)
  assert.deepEqual(await open(third, left), ok(null))
  await close(third)
})

test('what is no socket is left alone, and a path that is too long is told', async () => {
  const path = join(folder, 'file')
  writeFileSync(path, 'mine')
  chmodSync(path, 0o600)
  assert.match(JSON.stringify(await open(createServer(), path)), /something else than a socket/)
  assert.ok(existsSync(path))
  const long = join(folder, 'x'.repeat(108))
  assert.match(JSON.stringify(await open(createServer(), long)), /at most 107 bytes/)
})
