import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { isAlive, thisProcess } from './process-identity.ts'

test('this process is alive, and named the same each time', () => {
  assert.equal(isAlive(thisProcess()), true)
  assert.deepEqual(thisProcess(), thisProcess())
})

test('a process that has ended is not alive', async () => {
  const child = spawn('true')
  const { pid } = child
  assert.ok(pid !== undefined)
  await once(child, 'close')
  assert.equal(isAlive({ ...thisProcess(), pid }), false)
})

test('a process with the number of one that has ended is another one', () => {
  const own = thisProcess()
  assert.equal(isAlive({ ...own, processStart: own.processStart.replace(/\d+$/, '1') }), false)
})

test('what ran before this boot does not run any more', () => {
  const own = thisProcess()
  assert.equal(isAlive({ ...own, processStart: own.processStart.replace(/^[^/]+/, 'boot') }), false)
})

test('nothing is known of processes of another host or container', () => {
  const own = thisProcess()
  assert.equal(isAlive({ ...own, host: 'elsewhere', pid: 1 }), null)
  assert.equal(
    isAlive({ ...own, pid: 4_000_000, processStart: own.processStart.replace('pid:', 'pid:1') }),
    null,
  )
})
