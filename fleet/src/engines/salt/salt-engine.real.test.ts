/** The engine on a real master, salt-api and twenty real minions. */
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ok } from '@timeball/lib/result.ts'
import {
  behaviours,
  codeOf,
  delivery,
  engineContract,
  testNonce,
} from '../../ports/engine.contract.ts'
import type { Broadcast, Delivery } from '../../ports/engine.ts'
import type { deviceScript } from '../ssh/test/sshd.ts'
import { runTimeball } from '../../../test/run-program.ts'
import { saltApi } from './salt-api.ts'
import { saltEngine, type SaltOptions } from './salt-engine.ts'
import { password, startSalt } from './test/salt.ts'

type Device = readonly [id: string, does: Parameters<typeof deviceScript>[0]]

const more: readonly Device[] = [
  ['is-dead', 'answers'],
  ['dies', 'hangs-after-begin'],
  ['waits', { other: 'begin; while [ ! -e "$folder/go" ]; do sleep 0.1; done; disk; end' }],
  ['keeps-a-secret', 'answers'],
]
const all: readonly Device[] = [...behaviours.map((each): Device => [each, each]), ...more]
const salt = await startSalt(new Map(all))
after(() => salt.stop())

engineContract('salt', () => {
  const engine = saltEngine(salt.options)
  return Promise.resolve({
    engine,
    target: (behaviour) => salt.target(behaviour ?? 'nobody'),
    stop: () => engine.close('end'),
  })
})

async function deliverTo(device: string, given: Partial<Delivery>, options: Partial<SaltOptions>) {
  const engine = saltEngine({ ...salt.options, ...options })
  const result = await engine.deliver(salt.target(device), delivery(given))
  await engine.close('end')
  return result
}

const long = { timeoutMs: 120_000 }

async function refusalFor(options: Partial<SaltOptions>): Promise<string> {
  const result = await deliverTo('answers', long, options)
  assert.ok(!result.ok)
  assert.doesNotMatch(JSON.stringify(result), /wrong-password/)
  return `${result.failure.code} ${result.failure.detail}`
}

test('who is not known to salt-api, or may not do it, is told so', async () => {
  assert.match(
    await refusalFor({ password: () => Promise.resolve(ok('wrong-password')) }),
    /^auth-refused Salt: salt-api knows no user timeball with this password \(eauth sharedsecret\)/,
  )
  assert.match(
    await refusalFor({ user: 'nobody' }),
    /^auth-refused Salt: salt-api does not allow a job that carries bundles to nobody/,
  )
})

test('a salt-api whose certificate nobody has signed is told nothing', async () => {
  assert.match(
    await refusalFor({ caFile: null }),
    /^unreachable Salt: \S+: its certificate is signed by nobody that is known here/,
  )
})

test('the command line finds its way by fleet.yaml, and the password is of the environment', async () => {
  const { api, caFile } = salt.options
  await writeFile(join(salt.folder, 'hosts.ini'), 'secret ansible_host=127.0.0.1\n')
  await writeFile(
    join(salt.folder, 'fleet.yaml'),
    `engine: salt\nsalt: { api: "${api}", ca_file: ${caFile}, eauth: sharedsecret, ids: "keeps-a-{name}" }\n`,
  )
  const place = { cwd: salt.folder, env: { HOME: salt.folder, SALT_PASSWORD: password } }
  const ran = await runTimeball('run all -i hosts.ini -- echo good-morning', place)
  assert.equal(ran.exit, 0, ran.stderr + ran.stdout)
  assert.match(ran.stdout, /good-morning/)
  const { SALT_PASSWORD: _, ...env } = place.env
  const refused = await runTimeball('run all -i hosts.ini -- echo good-morning', { ...place, env })
  assert.match(
    refused.stderr + refused.stdout,
    /there is no password for salt-api: set SALT_PASSWORD/,
  )
})

test('each of twenty minions has one result, and those that hang are no successes', async () => {
  const engine = saltEngine(salt.options)
  const targets = all.map(([id]) => salt.target(id))
  const hanging = ['hangs', 'hangs-after-begin', 'dies', 'waits']
  const codes = new Map<string, string>()
  const stop = new AbortController()
  const { bundle, nonce } = delivery()
  const way = { bundle, nonce, timeoutMs: 400_000, connection: 'reuse', parallel: 20 } as const
  const broadcast: Broadcast = { ...way, signal: stop.signal, onLine: () => {} }
  for await (const { target, result } of engine.deliverAll(targets, broadcast)) {
    assert.ok(!codes.has(target.device))
    codes.set(target.device, codeOf(result))
    if (codes.size === all.length - hanging.length) stop.abort()
  }
  await engine.close('end')
  assert.equal(codes.size, 20)
  for (const id of hanging) assert.equal(codes.get(id), 'interrupted')
  const good = [...codes].flatMap(([device, code]) => (code === 'ok' ? [device] : []))
  assert.deepEqual(good.toSorted(), ['answers', 'greets-first', 'is-dead', 'keeps-a-secret'])
})

test('neither a bundle nor a report can be read by who listens to events, nor on the master', async () => {
  const api = saltApi(salt.options)
  const stop = new AbortController()
  const events = await api.events(stop.signal)
  assert.ok(events.ok)
  const bundle = Buffer.from(`nonce ${testNonce}\nAPI_KEY_1=of-this-minion-alone\n`)
  const delivered = deliverTo('keeps-a-secret', { bundle, ...long }, {})
  let seen = ''
  // The answer to the key, and that to the bundle.
  for await (const chunk of events.value) {
    seen += String(chunk)
    if (seen.split('/ret/keeps-a-secret\n').length > 2) break
  }
  assert.equal(codeOf(await delivered), 'ok')
  stop.abort()
  api.close()
  const folder = join(salt.folder, 'cache/jobs')
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const kept = await Promise.all(
    files
      .filter((each) => each.isFile())
      .map((each) => readFile(join(each.parentPath, each.name), 'latin1')),
  )
  assert.ok(kept.some((text) => text.includes('keeps-a-secret')))
  for (const text of [seen, ...kept]) assert.doesNotMatch(text, /of-this-minion-alone|size_bytes/)
})

test('a minion that dies before it is at work, and one that does meanwhile', async () => {
  salt.killMinion('is-dead')
  const dead = await deliverTo('is-dead', long, { answerMs: 3_000 })
  assert.ok(!dead.ok)
  assert.deepEqual(dead.failure, { code: 'unreachable', detail: 'Salt: no answer within 3 s' })

  const onLine = () => salt.killMinion('dies')
  const result = await deliverTo('dies', { ...long, onLine }, { answerMs: 5_000 })
  assert.ok(!result.ok)
  assert.equal(result.failure.code, 'unreachable')
  assert.match(result.failure.detail, /no answer within/)
})

test('a master that is started anew in mid-job loses nothing', async () => {
  let begun = 0
  const restarted = Promise.withResolvers<void>()
  const onLine = (line: { type: string }): void => {
    if (line.type !== 'begin') return
    begun += 1
    void salt.restartMaster().then(() => restarted.resolve())
  }
  const delivered = deliverTo('waits', { timeoutMs: 480_000, onLine }, {})
  await Promise.race([restarted.promise, delivered])
  await writeFile(join(salt.folder, 'go'), '')
  const result = await delivered
  assert.ok(result.ok, JSON.stringify(result))
  assert.equal(begun, 1)
})
