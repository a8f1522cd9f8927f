/** A device leaves the inventory: it is named, and what goes on there is ended by one command. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded)
const left = 'pi-ntp-02'
const root = embedded.device(left).root
const files = ['.env', 'docker-compose.rpi.yml'].map((name) =>
  join(root, 'opt/mcp-utc-time-server', name),
)

test('a device that is in the inventory is not retired', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const { exit, stderr } = await controller.run(`device retire ${left} --yes`)
  assert.equal(exit, 64)
  assert.match(stderr, /pi-ntp-02 is in the inventory/)
})

test('plan and apply name a device that left the inventory, and say how it is ended', async () => {
  const text = await readFile(embedded.inventoryPath, 'utf8')
  const entry = new RegExp(`^ {8}${left}:\\n(?: {10}.*\\n)+`, 'm').exec(text)?.[0] ?? ''
  await controller.edit('inventory', entry, '')
  const said = /pi-ntp-02 left the inventory; .*timeball device retire pi-ntp-02/
  assert.match((await controller.run('plan')).stdout, said)
  assert.match((await controller.run('apply --yes')).stdout, said)
})

test('a name that is not known is refused with the one that was meant', async () => {
  const { exit, stderr } = await controller.run('device retire pi-ntp-03 --yes')
  assert.equal(exit, 64)
  assert.match(stderr, /no device pi-ntp-03 .*\n.*did you mean pi-ntp-02/)
})

test('a person who says no retires nothing', async () => {
  const { exit, stderr } = await controller.run(`device retire ${left}`, { answer: false })
  assert.equal(exit, 7, stderr)
})

test('it is stopped, its keys are gone, and nothing names it any more', async () => {
  assert.ok(files.every((file) => existsSync(file)))
  const { exit, stdout, stderr } = await controller.run(`device retire ${left} --yes`)
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stdout, /^pi-ntp-02: retired/m)
  for (const file of files) assert.ok(!existsSync(file), file)
  assert.ok(!existsSync(join(root, 'var/lib/timeball/generations')))
  assert.doesNotMatch((await controller.run('plan')).stdout, /pi-ntp-02/)
  assert.equal((await controller.run(`device retire ${left} --yes`)).exit, 64)
})

test('one that is still followed is not retired', async () => {
  const text = await readFile(embedded.inventoryPath, 'utf8')
  const entry = /^ {8}pi-gps-02:\n(?: {10}.*\n)+/m.exec(text)?.[0] ?? ''
  await controller.edit('inventory', entry, '')
  const { exit, stderr } = await controller.run('device retire pi-gps-02 --yes')
  assert.equal(exit, 64)
  assert.match(stderr, /pi-ntp-01 still has pi-gps-02 .* in ntp_servers/)
})

test('one that is gone for good is forgotten, and what that leaves is said', async () => {
  const { exit, stdout } = await controller.run('device retire pi-gps-02 --yes --forget')
  assert.equal(exit, 64, stdout)
  await controller.edit(
    'inventory',
    'ntp_servers: "pi-gps-01,pi-gps-02"',
    'ntp_servers: "pi-gps-01"',
  )
  const gone = await controller.run('device retire pi-gps-02 --yes --forget --json')
  assert.equal(gone.exit, 0, gone.stderr)
  assert.match(gone.stdout, /"type":"retired","device":"pi-gps-02","failure":null/)
  assert.doesNotMatch((await controller.run('plan')).stdout, /left the inventory/)
})
