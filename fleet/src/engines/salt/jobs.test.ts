/** What Salt may do wrong with a job: a salt-api in its place does it. */
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { fail, ok } from '@timeball/lib/result.ts'
import { minionId } from '../../core/device/salt-settings.ts'
import { cutBatches } from './batches.ts'
import { saltJobs } from './jobs.ts'
import { agreedSeal, newKeyPair } from './seal.ts'
import type { SaltApi } from './salt-api.ts'
import { versionProblem } from './versions.ts'

const jid = '20261129185752093565'
const answer = 'timeball {"hello":1}'

interface Wish {
  readonly published?: unknown
  /** By the id of the job. */
  readonly kept?: Readonly<Record<string, unknown>>
  /** On the stream, before the job is known to be published. */
  readonly events?: readonly {
    readonly jid: string
    readonly id: string
    readonly value: unknown
  }[]
}

function apiThat({ published = { jid, minions: ['pi-1', 'pi-2'] }, kept = {}, events }: Wish) {
  const asked: unknown[] = []
  const stream = new PassThrough()
  const isRead = Promise.withResolvers<void>()
  const api: SaltApi = {
    async command(low) {
      asked.push(low)
      if (low['client'] === 'runner') return ok(kept)
      for (const { value, ...each } of events ?? []) {
        const tag = `salt/job/${each.jid}/ret/${each.id}`
        stream.write(
          `tag: ${tag}\ndata: ${JSON.stringify({ tag, data: { ...each, return: value } })}\n\n`,
        )
      }
      if (events !== undefined) {
        stream.end()
        await isRead.promise
      }
      return ok(published)
    },
    events() {
      if (events === undefined) return Promise.resolve(fail({ kind: 'gone', detail: 'no stream' }))
      const message = new IncomingMessage(new Socket())
      message.statusCode = 200
      stream.on('data', (chunk) => message.push(chunk))
      stream.on('end', () => {
        message.push(null)
        message.on('end', () => isRead.resolve())
      })
      return Promise.resolve(ok(message))
    },
    close() {},
  }
  return { api, asked }
}

async function ask(wish: Wish, patienceMs = 60_000) {
  const { api, asked } = apiThat(wish)
  let nowMs = 0
  const jobs = saltJobs(api, 'print("\\n")', () => (nowMs += 2_000))
  const { signal } = new AbortController()
  const result = await jobs.ask('pi-1', { kind: 'open' }, { patienceMs, signal, withProgram: true })
  jobs.close()
  return { result, asked }
}

const kindOf = async (wish: Wish, patienceMs?: number) => {
  const { result } = await ask(wish, patienceMs)
  return result.ok ? result.value : result.failure.kind
}

test('without the event stream a job is asked for by its id', async () => {
  assert.deepEqual(await kindOf({ kept: { 'pi-1': answer } }), { hello: 1 })
})

test('an event that comes before the job is known is not lost, and those of others do not count', async () => {
  const events = [
    { jid, id: 'pi-2', value: 'timeball {"hello":2}' },
    { jid: '1', id: 'pi-1', value: 'timeball {"hello":3}' },
    { jid, id: 'pi-1', value: `Warning\n${answer}` },
  ]
  assert.deepEqual(await kindOf({ events }), { hello: 1 })
})

test('a missing result is a failure', async () => {
  assert.equal(await kindOf({}, 30), 'silent')
  assert.equal(await kindOf({ kept: { 'pi-2': answer } }, 30), 'silent')
})

test('a minion that the master does not know, and a target that matches nothing', async () => {
  assert.equal(await kindOf({ published: { jid, minions: ['pi-2'] } }), 'unknown')
  assert.equal(await kindOf({ published: {} }), 'unknown')
})

test('what is no answer is none', async () => {
  const values = [
    '',
    'timeball {"hel',
    'Minion is in blackout mode',
    null,
    true,
    [answer],
    { a: 1 },
  ]
  for (const value of values) {
    assert.equal(await kindOf({ kept: { 'pi-1': value } }), 'strange', JSON.stringify(value))
  }
  assert.equal(await kindOf({ published: 'a page of an error' }), 'gone')
})

test('nothing of what is asked is on the command line, and no backslash in what is', async () => {
  const { asked } = await ask({ kept: { 'pi-1': answer } })
  const [job] = asked
  const text = JSON.stringify(job)
  assert.match(text, /"client":"local_async"/)
  const kwarg = Object(Object(job).kwarg)
  assert.doesNotMatch(String(kwarg.cmd), /open"|pi-1/)
  assert.doesNotMatch(String(kwarg.stdin), /\\/)
})

test('small messages to different minions are one job', () => {
  const waiting = [
    ['pi-1', 100],
    ['pi-2', 100],
    ['pi-3', 100_000],
    ['pi-4', 100],
    ['pi-4', 100],
  ] as const
  const given = waiting.map(([id, bytes]) => ({ message: { id, content: null }, bytes }))
  const cut = cutBatches(given).map((batch) => batch.map(({ message }) => message.id))
  assert.deepEqual(cut, [['pi-1', 'pi-2'], ['pi-3'], ['pi-4'], ['pi-4']])
})

test('what is sealed is opened by the other side, about the same, unchanged', () => {
  const [mine, theirs] = [newKeyPair(), newKeyPair()]
  const seal = agreedSeal(mine, theirs.public)
  const sealed = seal.seal({ a: 1 }, 'this')
  assert.deepEqual(seal.open(sealed, 'this'), { a: 1 })
  assert.throws(() => seal.open(sealed, 'that'))
  assert.throws(() => seal.open(`A${sealed.slice(1)}`, 'this'))
})

test('versions with known holes are refused', () => {
  const good = ['3006.17', '3006.23', '3007.9', '3008', '3008.4', '3009.0', '3008.4+12.gabc']
  const bad = ['2019.2.3', '3000.2', '3002.5', '3005.4', '3006', '3006.16', '3007.8', '', 'new']
  assert.deepEqual(
    good.map((version) => versionProblem(version)),
    good.map(() => null),
  )
  for (const version of bad)
    assert.match(versionProblem(version) ?? '', /3006\.17, 3007\.9 or 3008/)
})

test('the id of a minion is made of the name or the address of its device', () => {
  const device = { name: 'pi-1', address: 'pi-1.example.org' }
  assert.equal(minionId('{name}', device), 'pi-1')
  assert.equal(minionId('time-{name}.local', device), 'time-pi-1.local')
  assert.equal(minionId('{address}', device), 'pi-1.example.org')
})
