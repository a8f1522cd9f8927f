import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { ssh } from '@timeball/lab/embedded/test/ssh-client.ts'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { z } from 'zod'
import { canary, controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded)
const folder = dirname(embedded.fleetYamlPath)
const project = 'opt/mcp-utc-time-server'

function onDevice(name: string, path: string): Promise<string> {
  return readFile(join(embedded.device(name).root, path), 'utf8')
}

const record = z.looseObject({ type: z.string() })
type Json = z.infer<typeof record>

function recordsOf(stdout: string): Json[] {
  return stdout.split('\n').map((line) => record.parse(JSON.parse(line)))
}

test('without a person to ask, apply needs --yes', async () => {
  const { exit, stderr } = await controller.run('apply')
  assert.equal(exit, 64)
  assert.match(stderr, /nobody can be asked here\n {4}add --yes/)
})

test('a person who says no changes nothing', async () => {
  assert.equal((await controller.run('apply', { answer: false })).exit, 7)
  assert.equal((await controller.run('plan --detailed-exitcode')).exit, 2)
})

test('the first apply sets up all devices, and they serve good time', async () => {
  const { exit, stdout, stderr } = await controller.run('apply', { answer: true })
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stdout, /^Apply: 4 changed\.$/m)
  for (const { name } of embedded.devices) {
    assert.match(stdout, new RegExp(`^${name} +changed +\\d+ +1 +good`, 'm'))
    assert.match(await onDevice(name, `${project}/.env`), new RegExp(`^API_KEY_1=${canary}$`, 'm'))
    const { mode } = await stat(join(embedded.device(name).root, project, '.env'))
    assert.equal(mode & 0o777, 0o600)
  }
})

test('the second apply changes nothing and says so', async () => {
  const { exit, stdout } = await controller.run('apply --yes')
  assert.equal(exit, 0)
  assert.match(stdout, /^No changes: 4 up to date\.$/m)
  assert.equal((await controller.run('plan --detailed-exitcode')).exit, 0)
})

test('health: a table, JSON and one line for Nagios', async () => {
  const table = await controller.run('health')
  assert.equal(table.exit, 0, table.stdout)
  assert.match(table.stdout, /4 of 4 ok/)
  const nagios = await controller.run('health --format nagios')
  assert.equal(nagios.exit, 0)
  assert.match(nagios.stdout, /^[A-Z ]*OK.*$/)
  const json = await controller.run('health --json')
  const records = recordsOf(json.stdout)
  assert.deepEqual(
    records.map(({ type }) => type),
    ['version', 'health', 'health', 'health', 'health', 'result'],
  )
  assert.deepEqual([records.at(-1)?.['status'], records.at(-1)?.['exit']], ['ok', 0])
})

test('another source for one device is a change of that device, and of two things on it', async () => {
  await controller.edit('inventory', '"pi-gps-01,pi-gps-02"', '"pi-gps-01"')
  const plan = await controller.run('plan --json')
  const changed = recordsOf(plan.stdout)
    .filter(({ type }) => type === 'device_plan')
    .map(({ device, changes }) => [device, z.array(z.looseObject({})).parse(changes).length])
  assert.deepEqual(changed, [
    ['pi-gps-01', 0],
    ['pi-gps-02', 0],
    ['pi-ntp-01', 2],
    ['pi-ntp-02', 0],
  ])
  const { exit, stdout } = await controller.run('apply --yes --diff')
  assert.equal(exit, 0)
  const [one, two] = ['pi-gps-01', 'pi-gps-02'].map((name) => embedded.device(name).address)
  assert.ok(stdout.includes(`- NTP_SERVERS=${one},${two}\n      + NTP_SERVERS=${one}\n`), stdout)
  assert.match(stdout, /^Apply: 3 unchanged, 1 changed\.$|^Apply: 1 changed, 3 unchanged\.$/m)
  assert.match(stdout, /^pi-ntp-01 +changed +2 +2 +good/m)
})

test('another key is seen to change and never shown', async () => {
  const environment = { API_KEY_1_PI_GPS_01: `${canary}-2` }
  const plan = await controller.run('plan', { environment })
  assert.match(plan.stdout, /^ {6}~ API_KEY_1 replaced$/m)
  assert.match(plan.stdout, /^Time service: not interrupted on the 4 serving devices\.$/m)
  const container = await ssh(embedded, 'pi-gps-01', 'docker inspect -f {{.Id}} mcp-utc-time')
  const { exit, stdout } = await controller.run('apply --yes', { environment })
  assert.equal(exit, 0)
  assert.match(stdout, /^pi-gps-01 +changed +1 /m)
  const kept = await ssh(embedded, 'pi-gps-01', 'docker inspect -f {{.Id}} mcp-utc-time')
  assert.equal(kept.stdout, container.stdout)
  assert.match(await onDevice('pi-gps-01', `${project}/.env`), new RegExp(`=${canary}-2$`, 'm'))
  assert.equal((await controller.run('apply --yes')).exit, 0)
})

test('a saved plan is applied without asking', async () => {
  const file = join(folder, 'plan.json')
  await controller.edit('inventory', 'ntp_servers: "pi-gps-01"', 'ntp_servers: "pi-gps-02"')
  assert.equal((await controller.run(`plan --out ${file}`)).exit, 0)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.ok(!(await readFile(file, 'utf8')).includes(canary))
  const { exit, stdout } = await controller.run(`apply --plan ${file}`)
  assert.equal(exit, 0, stdout)
  assert.match(stdout, /1 changed/)
})

test('a stale plan is refused and nothing is changed', async () => {
  const file = join(folder, 'stale.json')
  await controller.edit('inventory', 'ntp_servers: "pi-gps-02"', 'ntp_servers: "pi-gps-01"')
  await controller.run(`plan --out ${file}`)
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const before = await onDevice('pi-ntp-01', 'var/lib/timeball/current')
  const { exit, stderr } = await controller.run(`apply --plan ${file}`)
  assert.equal(exit, 6)
  assert.match(stderr, /the plan is stale: pi-ntp-01 moved since it was saved/)
  assert.equal(await onDevice('pi-ntp-01', 'var/lib/timeball/current'), before)
})

test('a saved plan takes no targets', async () => {
  const { exit, stderr } = await controller.run(
    `apply pi-ntp-01 --plan ${join(folder, 'plan.json')}`,
  )
  assert.equal(exit, 64)
  assert.match(stderr, /--plan takes no targets/)
})

test('what somebody edits on a device is drift, and is put right', async () => {
  const path = join(embedded.device('pi-gps-01').root, 'etc/default/gpsd')
  await writeFile(path, `${await readFile(path, 'utf8')}# edited\r\u009b31m\n`)
  const plan = await controller.run('plan pi-gps-01')
  assert.match(plan.stdout, /~ change file \/etc\/default\/gpsd/)
  assert.ok(!plan.stdout.includes('\r') && !plan.stdout.includes('\u009b'))
  const json = recordsOf((await controller.run('health pi-gps-01 --json')).stdout)
  assert.match(JSON.stringify(json), /file:\/etc\/default\/gpsd/)
  assert.equal((await controller.run('apply pi-gps-01 --yes')).exit, 0)
  assert.ok(!(await readFile(path, 'utf8')).includes('edited'))
})

test('a stopped container is down in every view, and the next apply starts it', async () => {
  await ssh(embedded, 'pi-ntp-02', 'docker stop mcp-utc-time')
  const table = await controller.run('health')
  assert.equal(table.exit, 5, table.stdout)
  assert.match(table.stdout, /^pi-ntp-02 .*down/m)
  const nagios = await controller.run('health --format nagios')
  assert.equal(nagios.exit, 2)
  assert.match(nagios.stdout, /CRITICAL/)
  const json = recordsOf((await controller.run('health --json')).stdout)
  assert.equal(json.at(-1)?.['exit'], 5)
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await until('all are well', async () => (await controller.run('health')).exit === 0)
})

test('both the target and --limit narrow the selection', async () => {
  const names = async (words: string): Promise<unknown[]> =>
    recordsOf((await controller.run(`plan ${words} --offline --json`)).stdout)
      .filter(({ type }) => type === 'device_plan')
      .map(({ device }) => device)
  assert.deepEqual(await names('stratum2 --limit pi-gps-01,pi-ntp-01'), ['pi-ntp-01'])
  assert.deepEqual(await names('pi-*-01:!stratum1'), ['pi-ntp-01'])
  const { exit, stderr } = await controller.run('plan stratum1 --limit stratum2 --offline')
  assert.equal(exit, 64)
  assert.match(stderr, /no device is in both stratum1 and --limit stratum2/)
})
