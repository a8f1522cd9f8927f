/** A rollout in the controller: killed again and again, it ends right without a human hand. */
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, hurriedRollouts } from './controller.ts'
import { serveBeside } from './serve-process.ts'

const embedded = await temporaryFleet()
const operator = await controllerOf(embedded, hurriedRollouts())
const sockets = join(dirname(embedded.fleetYamlPath), 'own')
await mkdir(sockets, { recursive: true })

/** What every device has. */
async function assertOffset(wanted: string): Promise<void> {
  for (const { name, root } of embedded.devices) {
    const text = await readFile(join(root, 'opt/mcp-utc-time-server/.env'), 'utf8')
    assert.match(text, new RegExp(`^MAX_OFFSET_MS=${wanted}$`, 'm'), name)
  }
}

const diversity = `canary: { soak: 1s }
  diversity: { keep_previous: 1, for: 2s }`

async function statusOf(rollout = ''): Promise<string> {
  return (await operator.run(`rollout status ${rollout}`.trim())).stdout
}

test('a rollout begun at one terminal is watched at another, survives kill -9, and ends done', async () => {
  assert.equal((await operator.run('apply --yes')).exit, 0)
  await operator.edit('settings', 'max_offset_ms: 100', 'max_offset_ms: 90')
  const first = await serveBeside(embedded, sockets)
  const begun = operator.run('rollout start --yes --why leap')
  await first.line(/pi-ntp-01: moves$/)
  const watching = operator.run('rollout status --watch --json')
  await first.line(/pi-ntp-01: (generation|all gates)/)
  assert.equal(await first.end('SIGKILL'), 'SIGKILL')
  assert.match(await statusOf(), /^nobody runs it/m)
  const second = await serveBeside(embedded, sockets)
  await second.line(/pi-gps-01: moves$/)
  assert.equal(await second.end('SIGTERM'), 0, second.said.join('\n'))
  assert.match(await statusOf(), /: running$/m)
  const third = await serveBeside(embedded, sockets)
  const { exit, stdout, stderr } = await begun
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stderr, /resumed.*taken up by the controller/)
  assert.match(stdout, /: done$/m)
  const watched = await watching
  assert.equal(watched.exit, 0)
  assert.match(watched.stdout, /"status":"ended"/)
  await assertOffset('90')
  assert.equal(await third.end('SIGTERM'), 0)
})

test('what a person pauses stays paused, also for the next controller, until it is resumed', async () => {
  await operator.edit('settings', 'max_offset_ms: 90', 'max_offset_ms: 80')
  const first = await serveBeside(embedded, sockets)
  const stop = new AbortController()
  const left = operator.run('rollout start --yes', { stop: stop.signal })
  await first.line(/pi-ntp-01: moves$/)
  stop.abort()
  const detached = await left
  assert.equal(detached.exit, 130)
  assert.match(detached.stderr, /the controller goes on with it; .* rollout status --watch r\d/)
  assert.equal((await operator.run('rollout pause --why lunch')).exit, 0)
  await first.line(/paused.*lunch/)
  assert.equal(await first.end('SIGKILL'), 'SIGKILL')
  const second = await serveBeside(embedded, sockets)
  await second.line(/truechimer/)
  assert.match(await statusOf(), /: paused: lunch$/m)
  const waiting = await operator.run('status')
  assert.match(waiting.stdout, /^waits +rollout r.*: lunch: timeball rollout resume r\d/m)
  const resumed = await operator.run('rollout resume')
  assert.equal(resumed.exit, 0, resumed.stdout + resumed.stderr)
  await assertOffset('80')
  assert.ok(second.said.some((line) => line.includes('ended') || line.includes('done')))
  assert.equal(await second.end('SIGTERM'), 0)
})

test('what the files forbid is said where it was asked, and the controller is left as it was', async () => {
  await operator.edit('settings', 'max_offset_ms: 80', 'max_offset_ms: 70')
  const stop = new AbortController()
  const begun = await operator.run('rollout start --yes', {
    stop: stop.signal,
    onSay(line) {
      if (line.endsWith('pi-ntp-01: moves')) stop.abort()
    },
  })
  assert.equal(begun.exit, 130)
  await operator.edit('settings', 'max_offset_ms: 70', 'max_offset_ms: 60')
  const serving = await serveBeside(embedded, sockets)
  const refused = await operator.run('rollout resume')
  assert.equal(refused.exit, 6, refused.stderr)
  assert.match(
    refused.stderr,
    /the controller does not go on: the files of the fleet say something/,
  )
  const { stdout } = await operator.run('status')
  assert.match(stdout, /^waits +rollout r.*timeball rollout resume/m)
  const back = await operator.run('rollout rollback')
  assert.equal(back.exit, 5, back.stdout + back.stderr)
  await assertOffset('80')
  assert.equal(await serving.end('SIGTERM'), 0)
})

test('devices that were held back are promoted by the controller when their time is over', async () => {
  await operator.edit('settings', 'canary: { soak: 1s }', diversity)
  await operator.edit('settings', 'max_offset_ms: 60', 'max_offset_ms: 50')
  const serving = await serveBeside(embedded, sockets)
  const begun = await operator.run('rollout start --yes')
  assert.equal(begun.exit, 0, begun.stdout + begun.stderr)
  assert.match(begun.stdout, /waiting/)
  await serving.line(/promoted.*timeball.*diversity\.for is over/)
  await serving.line(/: done/)
  await assertOffset('50')
  assert.equal(await serving.end('SIGTERM'), 0)
})
