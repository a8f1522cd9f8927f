import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet({
  devices: [
    { name: 'pi-gps-01', group: 'stratum1', ntpServers: [], bootConfig: '' },
    { name: 'pi-gps-02', group: 'stratum1', ntpServers: [], bootConfig: '' },
  ],
})
const controller = await controllerOf(embedded)

async function boots(): Promise<string[]> {
  return await Promise.all(
    embedded.devices.map(({ root }) => readFile(join(root, 'proc/boot_id'), 'utf8')),
  )
}

test('boot configuration that changes asks for a reboot, and nothing reboots by itself', async () => {
  const before = await boots()
  const { exit, stdout } = await controller.run('apply --yes')
  assert.equal(exit, 0, stdout)
  assert.deepEqual(await boots(), before)
  const plan = await controller.run('plan --detailed-exitcode')
  assert.equal(plan.exit, 0)
  assert.match(plan.stdout, /^! pi-gps-\[01-02\]: needs a reboot to take effect/m)
})

test('a reboot that is allowed comes one device after another, and each serves again', async () => {
  const before = await boots()
  const said: string[] = []
  const { exit, stdout } = await controller.run('apply --yes --allow-reboot', {
    onSay: (line) => said.push(line),
  })
  assert.equal(exit, 0, stdout)
  const after = await boots()
  for (const [index, boot] of after.entries()) assert.notEqual(boot, before[index])
  assert.deepEqual(
    said.filter((line) => /rebooting|changed/.test(line)),
    ['pi-gps-01', 'pi-gps-02'].flatMap((name) => [`${name}: rebooting`, `✓ ${name} changed`]),
  )
  const plan = await controller.run('plan --detailed-exitcode --allow-reboot')
  assert.equal(plan.exit, 0, plan.stdout)
  assert.doesNotMatch(plan.stdout, /reboot/)
})

test('a saved plan that reboots is applied with its reboots', async () => {
  const before = await boots()
  await controller.edit('inventory', 'pps_gpio: 4', 'pps_gpio: 18')
  const file = join(embedded.device('pi-gps-01').root, '../plan.json')
  assert.equal((await controller.run(`plan --allow-reboot --out ${file}`)).exit, 0)
  const { exit, stdout } = await controller.run(`apply --plan ${file}`)
  assert.equal(exit, 0, stdout)
  const after = await boots()
  assert.notEqual(after[0], before[0])
  assert.equal(after[1], before[1])
})
