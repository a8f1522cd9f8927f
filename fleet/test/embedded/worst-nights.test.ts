/** docs/worst-nights.md: its commands do what it says, each after its night has begun. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, hurriedRollouts, type Ended } from './controller.ts'

const page = await readFile(join(import.meta.dirname, '../../../docs/worst-nights.md'), 'utf8')
const embedded = await temporaryFleet()
const controller = await controllerOf(embedded, hurriedRollouts())

/** The commands in the blocks of a section, which have to be asked for in their order. */
function nightOf(section: string): Night {
  const [, text = ''] = `\n${page}`.split(`\n## ${section}\n`)
  const [here = ''] = text.split('\n## ')
  const blocks = [...here.matchAll(/^ *```\n([^]*?)^ *```/gm)]
  const commands = blocks.flatMap(([, code = '']) => code.trim().split(/\n */))
  assert.ok(commands.length > 1, section)
  const next = (command: string): void => assert.equal(commands.shift(), command)
  return {
    next,
    async run(words) {
      next(`timeball ${words}`)
      return await controller.run(words)
    },
    isOver: () => commands.length === 0,
  }
}

interface Night {
  /** The page has this next. */
  next(command: string): void
  run(words: string): Promise<Ended>
  isOver(): boolean
}

async function allGood(): Promise<boolean> {
  return (await controller.run('health')).exit === 0
}

test('before the night all is well', async () => {
  const { exit, stderr } = await controller.run('apply --yes')
  assert.equal(exit, 0, stderr)
  await until('all give good time', allGood)
  assert.equal((await controller.run('status')).exit, 0)
  assert.equal((await controller.run('clock')).exit, 0)
})

test('good time is lost', async () => {
  const night = nightOf('Good time is lost')
  embedded.device('pi-gps-02').clock.offsetMs = 50
  assert.match((await night.run('clock --tree --plot')).stdout, /pi-gps-02/)
  assert.equal((await night.run('rollout list')).exit, 0)
  await night.run('run --sudo pi-gps-02 -- docker stop mcp-utc-time')
  assert.match((await controller.run('status')).stdout, /pi-gps-02 down/)
  embedded.device('pi-gps-02').clock.offsetMs = 0
  const { exit, stdout, stderr } = await night.run('apply pi-gps-02 --yes')
  assert.equal(exit, 0, stdout + stderr)
  await until('all give good time', allGood)
  assert.ok(night.isOver())
})

test('a bad release', async () => {
  const started = await controller.run(`rollout start --yes --image ${embeddedImages.second.ref}`)
  assert.equal(started.exit, 0, started.stdout)
  const night = nightOf('A bad release')
  assert.match((await night.run('rollout rollback')).stdout, /: rolled back: rollback by/)
  assert.match((await night.run('rollout list')).stdout, /^blocked: /m)
  await until('all give good time', allGood)
  assert.ok(night.isOver())
})

test('a device is dead', async () => {
  const night = nightOf('A device is dead')
  const device = embedded.device('pi-ntp-01')
  await device.powerOff()
  await controller.forgetConnections()
  assert.equal((await night.run('ping pi-ntp-01')).exit, 3)
  await night.run('doctor pi-ntp-01')
  // The card is new: nothing of Timeball is on it, and its host key is another one.
  await rm(join(device.root, 'opt'), { recursive: true })
  await rm(join(device.root, 'var/lib/timeball'), { recursive: true })
  await device.powerOn()
  const pinned = await readFile(embedded.knownHostsFile, 'utf8')
  const keys = pinned.split('\n').map((line) => line.split(' ').slice(1).join(' '))
  const other = pinned.replace(keys[2] ?? '', keys[0] ?? '')
  await writeFile(embedded.knownHostsFile, other)
  const refused = await controller.run('ping pi-ntp-01 --accept-new-host-keys')
  assert.match(refused.stdout, /remove its old key with ssh-keygen -R/)
  const host = `[${device.address}]:${device.sshPort}`
  night.next('ssh-keygen -R 192.168.1.201 -f .timeball/known_hosts')
  const forgotten = spawnSync('ssh-keygen', ['-R', host, '-f', embedded.knownHostsFile])
  assert.equal(forgotten.status, 0)
  assert.equal((await night.run('ping pi-ntp-01 --accept-new-host-keys')).exit, 0)
  const { exit, stdout, stderr } = await night.run('apply pi-ntp-01 --allow-reboot --yes')
  assert.equal(exit, 0, stdout + stderr)
  await until('all give good time', allGood)

  await device.powerOff()
  const inventory = await readFile(embedded.inventoryPath, 'utf8')
  const without = inventory.replace(/ {8}pi-ntp-01:\n(?: {10}.*\n)+/, '')
  assert.notEqual(without, inventory)
  await writeFile(embedded.inventoryPath, without)
  assert.equal((await night.run('apply --yes')).exit, 0)
  const retired = await night.run('device retire pi-ntp-01 --forget --yes')
  assert.equal(retired.exit, 0, retired.stderr)
  assert.ok(night.isOver())
})

test('the controller is lost', async () => {
  const night = nightOf('The controller is lost')
  await rm(join(dirname(embedded.fleetYamlPath), '.timeball'), { recursive: true })
  await rm(embedded.knownHostsFile)
  await controller.forgetConnections()
  assert.equal((await night.run('ping --accept-new-host-keys')).exit, 0)
  assert.match((await night.run('plan')).stdout, /^No changes: 3 up to date\.$/m)
  assert.equal((await night.run('status')).exit, 0)
  const { exit, stdout, stderr } = await controller.run(
    'restart pi-ntp-02 --yes --allow-quorum-loss --allow-other-state',
  )
  assert.equal(exit, 0, stdout + stderr)
  assert.ok(night.isOver())
})
