/** Who may log in, changed by itself, on simulated devices; what sshd makes of it is tried in the lab. */
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  'apply: { confirm_timeout: 20s, settle_timeout: 30s }\n',
)
const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'b'.repeat(43)} ada@laptop`

function fileOn(device: string, path: string): string {
  return join(embedded.device(device).root, path)
}

test('a fleet that says nothing of access is told where that goes, and no registry is asked', async () => {
  const image = `image: ${embeddedImages.first.ref}`
  await controller.edit('settings', image, 'image: 127.0.0.1:1/nobody/answers:1')
  const { exit, stderr } = await controller.run('access plan')
  await controller.edit('settings', 'image: 127.0.0.1:1/nobody/answers:1', image)
  assert.equal(exit, 64, stderr)
  assert.match(stderr, /fleet.yaml has no access:, so sshd and accounts are left alone/)
})

test('what is not of access is made first', async () => {
  await controller.edit(
    'settings',
    'apply:',
    `access: { operators: { ada: { keys: ["${key}"] } } }\napply:`,
  )
  const { exit, stderr } = await controller.run('access apply --yes')
  assert.equal(exit, 6)
  assert.match(stderr, /there are changes that are not of access\n {4}make them first/)
})

test('an apply makes both, and then a change of access goes alone, without a look at clocks', async () => {
  const applied = await controller.run('apply --yes')
  assert.equal(applied.exit, 0, applied.stdout + applied.stderr)
  assert.match(await readFile(fileOn('pi-ntp-01', 'etc/ssh/timeball/ada'), 'utf8'), /ada@laptop/)
  const { mode } = await stat(fileOn('pi-ntp-01', 'etc/sudoers.d/timeball'))
  assert.equal(mode & 0o777, 0o440)
  await controller.edit('settings', `keys: ["${key}"]`, `keys: ["${key}"], expires: "2027-03-01"`)
  const planned = await controller.run('access plan')
  assert.match(planned.stdout, /\+ expiry-time="20270301235959"/)
  assert.match(planned.stdout, /Time service: not interrupted/)
  const { exit, stdout, stderr } = await controller.run('access apply --yes')
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stdout, /Apply: 4 changed\./)
  assert.match((await controller.run('access plan')).stdout, /No changes: 4 up to date/)
})

test('when the first device fails, the others are left alone', async () => {
  await controller.edit('settings', ', expires: "2027-03-01"', ', sudo: false')
  const { faults } = embedded.device('pi-gps-01')
  const { exit, stdout } = await controller.run('access apply --yes', {
    onSay(line) {
      if (line.includes('pi-gps-01: applying')) faults.resetConnections = true
    },
  })
  faults.resetConnections = false
  assert.equal(exit, 3)
  assert.match(stdout, /^pi-gps-01 +lost/m)
  const sudoers = await readFile(fileOn('pi-ntp-01', 'etc/sudoers.d/timeball'), 'utf8')
  assert.match(sudoers, /^ada ALL/m)
})
