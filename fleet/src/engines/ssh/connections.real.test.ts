import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { remoteCommand } from '../../device/command.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import { codeOf, delivery, testNonce } from '../../ports/engine.contract.ts'
import type { Target } from '../../ports/engine.ts'
import { controlPath } from './ssh-arguments.ts'
import type { SshOptions } from './ssh-arguments.ts'
import { sshEngine } from './ssh-engine.ts'
import type { SshEngine } from './ssh-engine.ts'
import { makeKey, startSshd } from './test/sshd.ts'
import type { Sshd } from './test/sshd.ts'

let sshd: Sshd
let options: SshOptions
let engine: SshEngine

before(async () => {
  sshd = await startSshd()
  const knownHosts = join(sshd.folder, 'known_hosts')
  await writeFile(knownHosts, sshd.knownHostsLine)
  options = {
    controlDirectory: join(sshd.folder, 'c'),
    knownHostsFiles: [knownHosts],
    hostKeys: 'strict',
    connectTimeoutSeconds: 2,
    persistSeconds: 60,
  }
  engine = sshEngine(options)
})
after(async () => {
  await engine.close('end')
  await sshd.stop()
})

/** Every test has a connection of its own. */
function device(name: string, behaviour: Parameters<Sshd['target']>[0] = 'answers'): Target {
  return sshd.target(behaviour, { device: name })
}

async function codeFrom(target: Target, given: Parameters<typeof delivery>[0] = {}) {
  return codeOf(await engine.deliver(target, delivery(given)))
}

/** The process that holds a shared connection; `null` when there is none. */
function masterOf(target: Target): number | null {
  const args = ['-F', 'none', '-O', 'check', '-S', controlPath(target, options), 'localhost']
  const pid = /pid=(\d+)/u.exec(spawnSync('ssh', args, { encoding: 'utf8' }).stderr)?.[1]
  return pid === undefined ? null : Number(pid)
}

test('one connection serves many deliveries; a fresh one is never shared', async () => {
  const target = device('reused')
  const count = sshd.connections()
  assert.equal(await codeFrom(target), 'ok')
  assert.equal(await codeFrom(target), 'ok')
  assert.equal(sshd.connections() - count, 1)
  assert.equal(await codeFrom(target, { connection: 'fresh' }), 'ok')
  assert.equal(sshd.connections() - count, 2)
  assert.equal(await codeFrom(target), 'ok')
  assert.equal(sshd.connections() - count, 2)
})

async function* large() {
  yield Buffer.from(`nonce ${testNonce}\n`)
  for (let part = 0; part < 80; part++) yield new Uint8Array(100_000).fill(0x41)
}

function nothing(): Promise<void> {
  return Promise.resolve()
}

test('over a shared connection no process is needed, for whatever is carried', async () => {
  let started = 0
  const counting = sshEngine(options, (request) => {
    started++
    return runProcess(request)
  })
  const first = device('no-process')
  const content = device('no-process-content', 'sends-content')
  await codeFrom(first)
  await codeFrom(content)
  assert.equal(codeOf(await counting.deliver(first, delivery())), 'ok')
  assert.equal(codeOf(await counting.deliver(first, delivery({ bundle: large }))), 'ok')
  assert.equal(codeOf(await counting.deliver(content, delivery({ onBytes: nothing }))), 'ok')
  assert.equal(started, 0)
  assert.equal(codeOf(await counting.deliver(first, delivery({ connection: 'fresh' }))), 'ok')
  assert.equal(started, 1)
})

test('a delivery that is called off leaves the shared connection to the others', async () => {
  const target = device('called-off', 'hangs-after-begin')
  const deliverAndStop = async () => {
    const stop = new AbortController()
    return await codeFrom(target, { signal: stop.signal, onLine: () => stop.abort() })
  }
  assert.equal(await deliverAndStop(), 'interrupted')
  const master = masterOf(target)
  assert.notEqual(master, null)
  assert.equal(await deliverAndStop(), 'interrupted')
  assert.equal(await deliverAndStop(), 'interrupted')
  assert.equal(masterOf(target), master)
})

test('the command is a constant', async () => {
  await codeFrom(device('constant'))
  assert.equal((await sshd.commands()).at(-1), remoteCommand)
})

test('first deliveries that race for the shared connection all arrive', async () => {
  const target = device('race')
  const codes = await Promise.all(Array.from({ length: 6 }, () => codeFrom(target)))
  assert.deepEqual(codes, Array(6).fill('ok'))
  assert.notEqual(masterOf(target), null)
})

test('a connection outlives its engine, and another engine takes it up', async () => {
  const target = device('kept')
  await codeFrom(target)
  const count = sshd.connections()
  const first = sshEngine(options)
  assert.equal(codeOf(await first.deliver(target, delivery())), 'ok')
  await first.close('keep')
  assert.equal(await codeFrom(target), 'ok')
  assert.equal(sshd.connections(), count)
  const second = sshEngine(options)
  await second.deliver(target, delivery())
  await second.close('end')
  assert.equal(masterOf(target), null)
})

test('a shared connection that was killed is replaced', async () => {
  const target = device('killed')
  await codeFrom(target)
  process.kill(masterOf(target) ?? Number.NaN, 'SIGKILL')
  assert.ok((await stat(controlPath(target, options))).isSocket(), 'a stale socket stays')
  assert.equal(await codeFrom(target), 'ok')
  assert.notEqual(masterOf(target), null)
})

test('a shared connection that dies half-way is a lost connection', async () => {
  const target = device('dies', 'hangs-after-begin')
  const onLine = () => {
    process.kill(masterOf(target) ?? Number.NaN, 'SIGKILL')
  }
  const result = await engine.deliver(target, delivery({ onLine }))
  assert.ok(!result.ok)
  assert.equal(result.failure.code, 'unreachable')
  assert.match(result.failure.detail, /connection was lost/u)
})

test('a shared connection that is stuck costs one timeout, not every one', async () => {
  const target = device('stuck')
  await codeFrom(target)
  const master = masterOf(target) ?? Number.NaN
  process.kill(master, 'SIGSTOP')
  assert.equal(await codeFrom(target, { timeoutMs: 500 }), 'timeout')
  assert.equal(await codeFrom(target), 'ok')
  process.kill(master, 'SIGKILL')
})

test('a host that accepts and says nothing is given up by the connection timeout', async () => {
  const server = createServer().listen(0, '127.0.77.251')
  await new Promise((resolve) => server.once('listening', resolve))
  const at = server.address()
  assert.ok(at !== null && typeof at === 'object')
  const result = await engine.deliver(
    sshd.target(null, { address: '127.0.77.251', port: at.port }),
    delivery(),
  )
  server.close()
  assert.ok(!result.ok)
  assert.equal(result.failure.code, 'unreachable')
  assert.match(result.failure.detail, /timed out/u)
})

test('a key that the device does not accept is refused without a question', async () => {
  const privateKeyFile = join(sshd.folder, 'stranger')
  makeKey(privateKeyFile)
  const target = sshd.target('answers', { privateKeyFile })
  assert.equal(await codeFrom(target, { connection: 'fresh' }), 'auth-refused')
})

test('a folder that others can read is refused', async () => {
  const open = join(sshd.folder, 'open')
  await mkdir(open)
  await chmod(open, 0o755)
  await symlink(options.controlDirectory, join(sshd.folder, 'link'))
  for (const controlDirectory of [open, join(sshd.folder, 'link')]) {
    const result = await sshEngine({ ...options, controlDirectory }).deliver(
      device('refused'),
      delivery(),
    )
    assert.ok(!result.ok)
    assert.match(result.failure.detail, /must be a folder of your own with mode 0700/u)
  }
})

test('hostile targets run nothing, here or there', async () => {
  const ran = await sshd.commands()
  const count = sshd.connections()
  const proof = join(sshd.folder, 'pwned')
  const words = [`-oProxyCommand=touch ${proof}`, `$(touch ${proof})`, `x;touch ${proof}`, 'a\0b']
  for (const word of words) {
    assert.equal(await codeFrom({ ...device('hostile'), address: word }), 'unreachable')
    assert.equal(await codeFrom({ ...device('hostile'), user: word }), 'unreachable')
    const commonArgs = [word.replace(/^-o/u, '-A')]
    assert.equal(await codeFrom({ ...device('hostile'), commonArgs }), 'unreachable')
  }
  await assert.rejects(stat(proof))
  assert.deepEqual(await sshd.commands(), ran)
  assert.equal(sshd.connections(), count)
})

test('nothing of the bundle is in any command line or environment', async () => {
  const secret = 'canary-9f8e7d6c5b4a'
  const stop = new AbortController()
  const found: string[] = []
  let looked = 0
  const reported = Promise.withResolvers<void>()
  const delivered = codeFrom(device('secret', 'hangs-after-begin'), {
    bundle: Buffer.from(`nonce ${testNonce}\n${secret}\n`),
    signal: stop.signal,
    onLine: () => reported.resolve(),
  })
  await reported.promise
  for (const pid of await readdir('/proc')) {
    for (const file of ['cmdline', 'environ']) {
      const text = await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '')
      if (text.includes('hangs') || text.includes(String(sshd.port))) looked++
      if (text.includes(secret)) found.push(`${pid}/${file}`)
    }
  }
  stop.abort()
  assert.equal(await delivered, 'interrupted')
  assert.ok(looked > 0, 'the ssh process was seen')
  assert.deepEqual(found, [])
})
