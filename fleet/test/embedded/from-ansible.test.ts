/** docs/from-ansible.md: each of our commands in its table works as it stands there. */
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'
import { asksFirst, exitsOf, pageCommands, writePageFiles } from '../from-ansible-page.ts'
import { runProgram, timeballProgram } from '../run-program.ts'

const sources = ['pi-gps-01', 'pi-gps-02']
const embedded = await temporaryFleet({
  devices: [
    ...sources.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: sources },
  ],
})
const folder = dirname(embedded.inventoryPath)
const controller = await controllerOf(embedded)
writePageFiles(folder)

test('the table has a command of ours for each of the guide', () => {
  assert.ok(pageCommands.length > 20, pageCommands.join('\n'))
})

test('before the first apply there is a plan', async () => {
  const { exit } = await controller.run('plan --detailed-exitcode')
  assert.equal(exit, 2)
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await until('all give good time', async () => (await controller.run('health')).exit === 0)
})

for (const command of pageCommands) {
  test(`timeball ${command}`, async () => {
    const here = command.replaceAll(/(?<= )(motd|hosts\.txt|here\/)/g, (name) => join(folder, name))
    // Simulated devices share the file system of this machine.
    const there = here.replace(':/tmp/', `:${folder}/far-`)
    const words = asksFirst.test(there) ? `${there} --yes` : there
    // A session needs a process of its own, whose output is that of ssh.
    const [own = '', rest] = words.split(' -- ')
    if (own.startsWith('ssh')) {
      const files = ['-i', embedded.inventoryPath]
      const argv = [timeballProgram, ...own.split(' '), ...files, '--', rest ?? '']
      const { exit, stderr } = await runProgram(process.execPath, argv, {
        cwd: folder,
        env: { XDG_RUNTIME_DIR: folder },
      })
      assert.equal(exit, 0, stderr)
      return
    }
    const { exit, stderr } = await controller.run(words)
    assert.ok(exitsOf(command).includes(exit), `${exit}: ${stderr}`)
  })
}
