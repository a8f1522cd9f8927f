/**
 * The disk of the controller is full in the middle of a rollout: a real file system of four MiB, on
 * simulated devices. Needs root, to mount it.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { run } from '@timeball/lab/pis/run.ts'
import { canary, controllerOf, hurriedRollouts } from './embedded/controller.ts'
import { timeballProgram } from './run-program.ts'

let state = ''
// Before the fleet's folder is removed.
after(async () => {
  await run(['umount', '--lazy', state])
})

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded, hurriedRollouts())
state = join(dirname(embedded.fleetYamlPath), '.timeball')
const filler = join(state, 'filler')

before(async () => {
  mkdirSync(state, { recursive: true })
  const mounted = await run(['mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', state])
  assert.equal(mounted.code, 0, mounted.stderr)
})
/** Until nothing more goes in. */
function fill(): void {
  for (const size of [65_536, 4_096, 512, 1]) {
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(size))
    } catch {
      // It is full for pieces of this size.
    }
  }
}

async function rollout(
  words: readonly string[],
  onLine: (line: string) => void,
): Promise<{ readonly exit: unknown; readonly last: string; readonly stderr: string }> {
  const child = spawn(
    process.execPath,
    [timeballProgram, 'rollout', ...words, '--json', '-i', embedded.inventoryPath],
    { env: { PATH: process.env['PATH'], API_KEY_1: canary }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let last = ''
  const stderr: string[] = []
  createInterface(child.stdout).on('line', (line) => {
    last = line
    onLine(line)
  })
  createInterface(child.stderr).on('line', (line) => stderr.push(line))
  const [exit] = await once(child, 'close')
  return { exit, last, stderr: stderr.join('\n') }
}

test('a rollout whose disk is full ends with a message and a record, and resume goes on', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  let isFull = false
  const words = ['start', '--yes', '--image', embeddedImages.second.ref]
  const ended = await rollout(words, (line) => {
    if (isFull || !line.includes('"event":"moved"')) return
    isFull = true
    fill()
  })
  assert.ok(isFull, ended.stderr)
  assert.equal(ended.exit, 1, ended.stderr)
  assert.match(ended.last, /^\{"type":"result","status":"failed","exit":1.*(?:full|space)/)
  assert.match(ended.stderr, /full|no space/)
  assert.doesNotMatch(ended.stderr, /^ +at /m, 'no stack')
  rmSync(filler)
  const resumed = await rollout(['resume'], () => {})
  assert.equal(resumed.exit, 0, resumed.stderr)
  assert.match(resumed.last, /"result":"done"/)
  assert.equal(
    (await controller.run('plan --detailed-exitcode')).exit,
    2,
    'fleet.yaml says another',
  )
})

test('a plan that the disk has no room for is a message, and leaves no half of one behind', async () => {
  fill()
  const path = join(state, 'saved-plan.json')
  const planned = await controller.run(`plan --out ${path}`)
  assert.equal(planned.exit, 1, planned.stderr)
  assert.match(
    planned.stderr,
    /saved-plan\.json.*(?:full|no space)|(?:full|no space).*saved-plan/is,
  )
  assert.doesNotMatch(planned.stderr, /^ +at /m, 'no stack')
  rmSync(filler)
  assert.ok(!existsSync(path))
})
