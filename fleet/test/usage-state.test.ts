/** A state.db that cannot be relied on: told in words, with exit 1 and a result, never a stack. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { everyEvent } from '../src/core/rollout/test/events.ts'
import { openRolloutStore } from '../src/stores/sqlite/rollout-store.ts'
import { guideInventory } from './make-fleet.ts'
import { timeballProgram } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-state-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), guideInventory)
mkdirSync(join(folder, '.timeball'))
const file = join(folder, '.timeball/state.db')

function timeball(words: string) {
  const options = { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'] } } as const
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [timeballProgram, ...words.split(' ')],
    options,
  )
  return { status, stdout, stderr }
}

function assertFailed(words: string, said: RegExp): void {
  const { status, stdout, stderr } = timeball(`${words} --json`)
  assert.equal(status, 1, stderr)
  assert.match(stderr, said)
  assert.doesNotMatch(stderr, /^ {4}at |Warning/m)
  const [result] = stdout.trimEnd().split('\n').slice(-1)
  assert.match(result ?? '', /^\{"type":"result","status":"failed","exit":1/)
}

test('an empty file and one that is no database are refused, with the way on', () => {
  writeFileSync(file, '')
  assertFailed('rollout list', /state\.db: is empty, and was not[\s\S]*timeball recover/)
  writeFileSync(file, 'this is no database, whatever its name says. '.repeat(50))
  assertFailed('rollout status', /state\.db: file is not a database[\s\S]*timeball recover/)
})

test('what a later version wrote is refused, and not called damaged', () => {
  rmSync(file)
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE later (x); PRAGMA user_version = 99')
  database.close()
  const later = /state\.db: it was written by a later version of timeball\n {4}use that version/
  assertFailed('rollout list', later)
  const { status, stderr } = timeball('serve --port 0')
  assert.equal(status, 1)
  assert.match(stderr, later)
})

test('serve does not begin without its state, and only watches where that is damaged', async () => {
  for (const [content, said] of [
    ['', /is empty, and was not[\s\S]*timeball recover/],
    ['this is no database. '.repeat(50), /file is not a database[\s\S]*timeball recover/],
  ] as const) {
    writeFileSync(file, content)
    const { status, stderr } = timeball('serve --port 0')
    assert.equal(status, 1, stderr)
    assert.match(stderr, said)
  }
  rmSync(file)
  await (await openRolloutStore(file, () => true)).close()
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xa5, 4_608, 8_704))
  const stderr = await servedUntil(/rollouts do not go on/)
  assert.match(stderr, /state\.db is damaged .*; it is only read$/m)
  assert.match(stderr, /devices: http:/)
  rmSync(file)
  writeFileSync(file, 'gone')
})

/** What serve says until it says so; it is ended then, and ends with 0. */
async function servedUntil(pattern: RegExp): Promise<string> {
  const serving = spawn(process.execPath, [timeballProgram, 'serve', '--port', '0'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  after(() => serving.kill('SIGKILL'))
  const ended = once(serving, 'exit')
  const said: string[] = []
  for await (const line of createInterface(serving.stderr)) {
    said.push(line)
    if (pattern.test(line)) break
  }
  serving.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null], said.join('\n'))
  return said.join('\n')
}

test('a broken event is named; the rest is shown, and it cannot go on', async () => {
  rmSync(file)
  const store = await openRolloutStore(file, () => true)
  const owner = { host: 'ops-1', pid: 1, processStart: '' }
  const acquired = await store.acquire({ owner, operation: 'test', nowMs: 0, epochFloor: 0 })
  assert.ok(acquired.ok)
  const { started, paused } = everyEvent
  const begun = everyEvent['wave-started']
  await store.append('r-1', [started, begun, everyEvent['move-intended'], paused], acquired.lease)
  await store.release(acquired.lease)
  await store.close()
  const database = new DatabaseSync(file)
  database.exec('UPDATE events SET body = \'{"type":\' WHERE sequence = 2')
  database.close()
  for (const words of ['rollout show', 'rollout status']) {
    const { status, stdout, stderr } = timeball(words)
    assert.equal(status, 0, stderr)
    assert.match(stderr, /event 2 of r-1 is not what was written/)
    assert.match(stdout, /r-1/)
  }
  assertFailed(
    'rollout resume',
    /event 2 of r-1[\s\S]*cannot go on[\s\S]*timeball rollout rollback/,
  )
})

test('what can be read of a damaged file is recovered, and the file is kept', () => {
  const database = new DatabaseSync(file)
  database.exec('UPDATE lease SET epoch = epoch + 5')
  database.close()
  assertFailed(
    'rollout abort',
    /is damaged \(not what was written: the lease\)[\s\S]*timeball recover/,
  )
  const { status, stdout, stderr } = timeball('recover')
  assert.equal(status, 0, stderr)
  assert.match(stdout, /state\.db\.damaged-/)
  assert.match(stdout, /1 rollout/)
  assert.match(stdout, /lost: the number of the last operation/)
  assert.match(timeball('recover').stdout, /nothing is wrong/)
  assert.match(timeball('rollout list').stdout, /r-1/)
  writeFileSync(file, '')
  const record: unknown = JSON.parse(
    timeball('recover --json').stdout.trim().split('\n').at(-1) ?? '',
  )
  assert.partialDeepStrictEqual(record, {
    type: 'result',
    status: 'ok',
    recovery: { rollouts: 0, blocked_again: [] },
  })
  assert.match(JSON.stringify(record), /which releases were blocked/)
  assert.equal(timeball('rollout list').status, 0)
})

test('status says how the time is beside a damaged file, and what could not be read', () => {
  const nobody = '{ ansible_host: 127.0.0.9, ansible_port: 1, ntp_port: 1, http_port: 1 }'
  writeFileSync(join(folder, 'loopback.yml'), `all:\n  hosts:\n    nobody: ${nobody}\n`)
  writeFileSync(file, readFileSync(file).fill(0xa5, 4096, 4096 * 4))
  const { stdout, stderr } = timeball('status -i loopback.yml')
  assert.match(stdout, /^time +0 of 1 give good time$/m, stderr)
  assert.match(stdout, /^rollout +what rollouts did could not be read$/m)
})
