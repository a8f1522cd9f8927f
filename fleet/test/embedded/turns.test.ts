/** `timeball restart` and `timeball reboot` on an embedded fleet. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const sources = ['pi-gps-01', 'pi-gps-02']
const embedded = await temporaryFleet({
  devices: [
    ...sources.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: sources },
  ],
})
const controller = await controllerOf(
  embedded,
  'apply: { confirm_timeout: 60s, settle_timeout: 60s }\n',
)

async function processes(): Promise<readonly string[]> {
  const { stdout } = await controller.run(
    'run --json -- docker inspect --format {{.State.Pid}} mcp-utc-time',
  )
  // Answers come in the order in which devices give them.
  return stdout
    .split('\n')
    .flatMap((line) => /"output":"(\d+)/.exec(line)?.[1] ?? [])
    .toSorted()
}

function bootOf(name: string): Promise<string> {
  return readFile(join(embedded.device(name).root, 'proc/boot_id'), 'utf8')
}

test('restart: one after another, followers first, and each gives good time before the next', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const before = await processes()
  const { exit, stdout, stderr } = await controller.run('restart --yes')
  assert.deepEqual(
    stdout.split('\n'),
    ['pi-ntp-01', ...sources].map((name) => `✓ ${name} restarted, gives good time`),
  )
  assert.deepEqual(
    stderr.split('\n'),
    ['pi-ntp-01', ...sources].flatMap((name) => [
      `${name}: restarting`,
      `${name}: waiting for good time`,
    ]),
  )
  assert.equal(exit, 0)
  const after = await processes()
  assert.equal(new Set([...before, ...after]).size, 6)
})

test('reboot: the device has another boot id, and gives good time again', async () => {
  const before = await bootOf('pi-ntp-01')
  const { exit, stdout } = await controller.run('reboot pi-ntp-01 --yes')
  assert.equal(stdout, '✓ pi-ntp-01 rebooted, gives good time')
  assert.equal(exit, 0)
  assert.notEqual(await bootOf('pi-ntp-01'), before)
})

test('nobody who can be asked, or who says no: nothing is restarted', async () => {
  const before = await processes()
  assert.equal((await controller.run('restart')).exit, 64)
  assert.equal((await controller.run('restart', { answer: false })).exit, 7)
  assert.deepEqual(await processes(), before)
})

test('the quorum is kept, unless it is said that it may be lost', async () => {
  await controller.edit('settings', 'settle_timeout: 60s', 'settle_timeout: 1s')
  await controller.edit('settings', 'apply:', 'rollout: { quorum: { min_good: 1 } }\napply:')
  const refused = await controller.run('restart pi-ntp-01 --yes')
  const why = 'stratum2 would have 0 good of 1 required'
  assert.equal(refused.stdout, `- pi-ntp-01 left alone: ${why}`)
  assert.equal(refused.exit, 5)
  const allowed = await controller.run('restart pi-ntp-01 --yes --allow-quorum-loss')
  assert.match(allowed.stdout, /^[✓!] pi-ntp-01 restarted, /)
})

test('the last good source is never taken away, and the rest is left alone then', async () => {
  await embedded.device('pi-gps-02').powerOff()
  const { exit, stdout } = await controller.run('restart stratum1 --yes --json')
  const turns = stdout.split('\n').flatMap((line): unknown[] => {
    return line.includes('"type":"turn"') ? [JSON.parse(line)] : []
  })
  assert.equal(turns.length, 2)
  assert.match(stdout, /"device":"pi-gps-01","action":"restart","status":"left-alone"/)
  assert.match(stdout, /stratum1 would have 0 good of 1 required|without a good source/)
  assert.match(stdout, /"device":"pi-gps-02".*"why":"pi-gps-01 is not well"/)
  assert.equal(exit, 5)
})
