import assert from 'node:assert/strict'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { codeOf, delivery } from '../../ports/engine.contract.ts'
import { sshEngine, type SshEngine } from './ssh-engine.ts'
import { startSshd, type Sshd } from './test/sshd.ts'

let sshd: Sshd
let engine: SshEngine
let server: Server
let socket = ''
/** The same service by another path, as of another process. */
let other = ''
const signal = new AbortController().signal

before(async () => {
  sshd = await startSshd()
  await writeFile(join(sshd.folder, 'known_hosts'), sshd.knownHostsLine)
  engine = sshEngine({
    controlDirectory: join(sshd.folder, 'c'),
    knownHostsFiles: [join(sshd.folder, 'known_hosts')],
    hostKeys: 'strict',
    connectTimeoutSeconds: 2,
    persistSeconds: 60,
  })
  socket = join(sshd.folder, 'service')
  server = createServer((_, response) => void response.setHeader('connection', 'close').end('lent'))
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  other = join(sshd.folder, 'link')
  await symlink(socket, other)
})
after(async () => {
  await engine.close('end')
  server.close()
  await sshd.stop()
})

const ask = async (port: number): Promise<string> =>
  await fetch(`http://127.0.0.1:${port}/`).then(
    (response) => response.text(),
    () => 'nobody',
  )

test('a socket is reached at a port of the device while it is lent, and deliveries go on', async () => {
  const target = sshd.target('answers', { device: 'borrower' })
  const one = await engine.lend(target, socket, signal)
  const two = await engine.lend(target, other, signal)
  assert.ok(one.ok, one.ok ? '' : one.failure.detail)
  assert.ok(two.ok && two.value.port !== one.value.port)
  assert.equal(await ask(one.value.port), 'lent')
  assert.equal(codeOf(await engine.deliver(target, delivery())), 'ok')
  await one.value.end()
  assert.equal(await ask(one.value.port), 'nobody')
  assert.equal(await ask(two.value.port), 'lent')
  await two.value.end()
  assert.equal(await ask(two.value.port), 'nobody')
})

test('a device that nobody answers for is a failure of the connection', async () => {
  const lent = await engine.lend(sshd.target(null), socket, signal)
  assert.equal(lent.ok ? 'ok' : lent.failure.code, 'unreachable')
})

test('a login that may not forward is told in words, and what to do', async () => {
  // sshd reads the key of a login anew each time.
  const key = join(sshd.folder, 'user-key.pub')
  await writeFile(key, `restrict ${await readFile(key, 'utf8')}`)
  const lent = await engine.lend(sshd.target('answers', { device: 'restricted' }), socket, signal)
  assert.equal(lent.ok ? 'ok' : lent.failure.code, 'image-failed')
  assert.match(lent.ok ? '' : lent.failure.detail, /cannot be carried: its sshd forwards no port/)
})
