import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  'apply:\n  confirm_timeout: 60s\n  settle_timeout: 20s\n',
)

async function generations(): Promise<string[]> {
  return await Promise.all(
    embedded.devices.map(async ({ root }) =>
      (await readFile(join(root, 'var/lib/timeball/current'), 'utf8')).trim(),
    ),
  )
}

test('devices that serve are changed one after another, followers before their sources', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await controller.edit('settings', embeddedImages.first.ref, embeddedImages.second.ref)
  const said: string[] = []
  const { exit, stdout } = await controller.run('apply --yes', { onSay: (line) => said.push(line) })
  assert.equal(exit, 0, stdout)
  assert.match(
    stdout,
    /at most 1 of 4 serving devices away at once; one after another: pi-ntp-\[01-02\], then pi-gps-\[01-02\]/,
  )
  const order = ['pi-ntp-01', 'pi-ntp-02', 'pi-gps-01', 'pi-gps-02']
  assert.deepEqual(
    said.filter((line) => !line.includes('observing')),
    order.flatMap((name) => [
      `${name}: applying`,
      `${name}: confirming`,
      `${name}: settling`,
      `✓ ${name} changed`,
    ]),
  )
})

test('a device that does not serve good time again stops the rest', async () => {
  const before = await generations()
  await controller.edit('settings', embeddedImages.second.ref, embeddedImages.unsynchronised.ref)
  await controller.edit('settings', 'settle_timeout: 20s', 'settle_timeout: 1s')
  const { exit, stdout } = await controller.run('apply --yes')
  assert.equal(exit, 5, stdout)
  assert.match(stdout, /^pi-ntp-01 +changed +\d+ +\d+ +not yet +stratum 0, INIT$/m)
  assert.match(stdout, /^pi-gps-\[01-02\], pi-ntp-02 \(3\) +not-reached .*left alone/m)
  const after = await generations()
  assert.deepEqual([after[0], after[1], after[3]], [before[0], before[1], before[3]])
  assert.notEqual(after[2], before[2])
})

test('a release that cannot be had fails before anything is changed, and stops the rest', async () => {
  await controller.edit('settings', embeddedImages.unsynchronised.ref, embeddedImages.second.ref)
  await controller.edit('settings', 'settle_timeout: 1s', 'settle_timeout: 20s')
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const before = await generations()
  await controller.edit('settings', embeddedImages.second.ref, embeddedImages.missing.ref)
  const { exit, stdout } = await controller.run('apply --yes')
  assert.equal(exit, 3, stdout)
  assert.match(stdout, /^pi-ntp-01 +failed .*nothing was activated/m)
  assert.match(stdout, /3 not-reached \(pi-gps-\[01-02\], pi-ntp-02\)/)
  assert.deepEqual(await generations(), before)
  await controller.edit('settings', embeddedImages.missing.ref, embeddedImages.second.ref)
  assert.equal((await controller.run('plan --detailed-exitcode')).exit, 0)
})
