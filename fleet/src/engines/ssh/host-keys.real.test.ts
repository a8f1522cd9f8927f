import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { codeOf, delivery } from '../../ports/engine.contract.ts'
import { pinHostKeys } from './host-keys.ts'
import { sshEngine } from './ssh-engine.ts'
import type { SshEngine } from './ssh-engine.ts'
import { makeKey, startSshd } from './test/sshd.ts'
import type { Sshd } from './test/sshd.ts'

const signal = new AbortController().signal
let tests = 0
let sshd: Sshd
let knownHosts: string
let strict: SshEngine
let acceptNew: SshEngine

function engine(hostKeys: 'strict' | 'accept-new'): SshEngine {
  return sshEngine({
    controlDirectory: join(sshd.folder, 'c'),
    knownHostsFiles: [knownHosts],
    hostKeys,
    connectTimeoutSeconds: 5,
    persistSeconds: 5,
  })
}

before(async () => {
  sshd = await startSshd()
})
after(() => sshd.stop())
beforeEach(() => {
  // A folder of its own, which accept-new has to make.
  knownHosts = join(sshd.folder, `test-${++tests}`, 'known_hosts')
  strict = engine('strict')
  acceptNew = engine('accept-new')
})

async function codeFrom(from: SshEngine): Promise<string> {
  return codeOf(await from.deliver(sshd.target('answers'), delivery({ connection: 'fresh' })))
}

test('a host that is not known gets nothing to run, and its key can be shown', async () => {
  const before = await sshd.commands()
  const refused = await strict.deliver(sshd.target('answers'), delivery({ connection: 'fresh' }))
  assert.equal(codeOf(refused), 'host-key-unknown')
  const presented = await strict.presentedHostKey(sshd.target('answers'), signal)
  assert.ok(presented.ok, JSON.stringify(presented))
  assert.deepEqual(await sshd.commands(), before)

  const asked = spawnSync('ssh-keygen', ['-lf', join(sshd.folder, 'host-key.pub')])
  assert.ok(asked.stdout.toString().includes(` ${presented.value.fingerprint} `))
  assert.equal(presented.value.type, 'ssh-ed25519')
  assert.ok(!refused.ok && refused.failure.detail.endsWith(presented.value.fingerprint))

  await pinHostKeys(knownHosts, [presented.value])
  await pinHostKeys(knownHosts, [presented.value])
  assert.equal(await readFile(knownHosts, 'utf8'), `${presented.value.line}\n`)
  assert.equal(await codeFrom(strict), 'ok')
})

test('accept-new is a choice: it pins the key, in plain text, and from then on it must match', async () => {
  assert.equal(await codeFrom(acceptNew), 'ok')
  assert.match(await readFile(knownHosts, 'utf8'), /^\[127\.0\.77\.1\]:\d+ ssh-ed25519 \S+\n$/u)
  assert.equal(await codeFrom(strict), 'ok')
})

test('a changed key is refused before anything runs, also under accept-new', async () => {
  const other = join(sshd.folder, 'other-key')
  makeKey(other)
  const [type, key] = (await readFile(`${other}.pub`, 'utf8')).split(' ')
  const line = `[127.0.77.1]:${sshd.port} ${type} ${key}`
  await pinHostKeys(knownHosts, [{ type: 'ssh-ed25519', fingerprint: '', line }])
  const before = await sshd.commands()
  const result = await strict.deliver(sshd.target('answers'), delivery({ connection: 'fresh' }))
  assert.ok(!result.ok)
  assert.equal(result.failure.code, 'host-key-changed')
  assert.match(
    result.failure.detail,
    /^the host now sends SHA256:\S+; another key is pinned in .*:1$/u,
  )
  assert.equal(await codeFrom(acceptNew), 'host-key-changed')
  assert.deepEqual(await sshd.commands(), before)
})

test('keys are not pinned where that fails, and nothing runs', async () => {
  await writeFile(join(sshd.folder, 'file'), '')
  knownHosts = join(sshd.folder, 'file', 'known_hosts')
  assert.equal(await codeFrom(engine('accept-new')), 'host-key-unknown')
})

test('a key file that is missing is named', async () => {
  assert.equal(await codeFrom(acceptNew), 'ok')
  const privateKeyFile = join(sshd.folder, 'nowhere')
  const target = sshd.target('answers', { privateKeyFile, commonArgs: ['-F', 'none'] })
  const refused = await strict.deliver(target, delivery({ connection: 'fresh' }))
  assert.ok(!refused.ok)
  assert.equal(refused.failure.code, 'auth-refused')
  assert.ok(refused.failure.detail.startsWith(`there is no key file ${privateKeyFile}; `))
})

test('the key of a dead host cannot be shown', async () => {
  const presented = await strict.presentedHostKey(sshd.target(null), signal)
  assert.ok(!presented.ok)
  assert.equal(presented.failure.code, 'unreachable')
})

test('the key of a host behind a jump host is that host’s, and deliveries go through it', async () => {
  const config = join(sshd.folder, 'ssh_config')
  const jumpHosts = join(sshd.folder, 'jump_hosts')
  await writeFile(jumpHosts, sshd.knownHostsLine)
  await writeFile(
    config,
    `Host 127.0.77.2\n  UserKnownHostsFile ${jumpHosts}\n  IdentityFile ${sshd.keyFile}\n`,
  )
  const jump = sshd.target('refuses')
  const commonArgs = ['-F', config, '-J', `${jump.user}@${jump.address}:${sshd.port}`]
  const behind = sshd.target('answers', { commonArgs })
  const count = sshd.connections()
  const presented = await strict.presentedHostKey(behind, signal)
  assert.ok(presented.ok, JSON.stringify(presented))
  assert.match(presented.value.line, /^\[127\.0\.77\.1\]:/u)
  await pinHostKeys(knownHosts, [presented.value])
  assert.equal(codeOf(await strict.deliver(behind, delivery({ connection: 'fresh' }))), 'ok')
  assert.equal(sshd.connections() - count, 4)
})
