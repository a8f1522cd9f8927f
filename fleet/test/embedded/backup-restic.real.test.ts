/** Debian's restic keeps the backups of simulated devices. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const folder = dirname(embedded.fleetYamlPath)
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }
backup: { store: restic, repository: kept, password_file: password, keep: { last: 1, daily: 0, weekly: 0, monthly: 0 } }
`,
)

test('a password file that is missing is said, and where it is named', async () => {
  const { exit, stderr } = await controller.run('backup run')
  assert.equal(exit, 1)
  assert.match(stderr, /password.*\n.*backup\.password_file/)
})

test('devices and controller are backed up, read again, and thinned out', async () => {
  await writeFile(join(folder, 'password'), 'a-password-of-the-test\n', { mode: 0o600 })
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const { exit, stdout, stderr } = await controller.run('backup run')
  assert.equal(exit, 0, stdout + stderr)
  assert.equal((await controller.run('backup run pi-ntp-01')).exit, 0)
  const shown = await controller.run('backup show pi-ntp-01')
  assert.match(shown.stdout, /opt\/mcp-utc-time-server\/\.env/)
  const pruned = await controller.run('backup prune --yes')
  assert.match(pruned.stderr, /1 removed, 5 kept/)
  assert.equal((await controller.run('backup drill pi-ntp-01')).exit, 0)
})
