/** Keys are rotated under clients that keep asking, and no request is refused. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { ssh } from '@timeball/lab/embedded/test/ssh-client.ts'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { canary, controllerOf } from './controller.ts'
import { ageSettings, ageStoreOf, ask, startClients } from './key-client.ts'

const embedded = await temporaryFleet()
const store = await ageStoreOf(embedded)
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }\n${ageSettings}`,
)
const names = embedded.devices.map(({ name }) => name)

async function envOf(device: string): Promise<string> {
  return await readFile(join(embedded.device(device).root, 'opt/mcp-utc-time-server/.env'), 'utf8')
}

async function keysOn(device: string): Promise<string[]> {
  return [...(await envOf(device)).matchAll(/^API_KEY_\d=(.*)$/gm)].map(([, key = '']) => key)
}

async function keyOf(device: string, name: string): Promise<string> {
  const secret = await store().get({ device, name })
  return secret.ok ? secret.value.reveal() : secret.failure.code
}

let clients: ReturnType<typeof startClients> | null = null
after(() => clients?.stop())
const portOf = (device: string): number => embedded.device(device).httpPort

test('a store that cannot be written rotates nothing', async () => {
  await controller.edit('settings', ageSettings, '')
  const { exit, stderr } = await controller.run('keys rotate --yes')
  assert.equal(exit, 64)
  assert.match(
    stderr,
    /the environment is not written from here\n {4}keep keys in a file: secrets: age/,
  )
  await controller.edit('settings', 'apply:', `${ageSettings}apply:`)
})

test('devices begin with one key for all, which is warned of', async () => {
  assert.equal((await controller.run('secrets import --from env')).exit, 0)
  const { exit, stdout } = await controller.run('apply --yes')
  assert.equal(exit, 0, stdout)
  assert.match(stdout, /API_KEY_1 is the same on 4 devices/)
  assert.match((await controller.run('keys list')).stdout, /^pi-gps-01 .* shared by 4 devices$/m)
  clients = startClients(embedded, portOf, canary)
})

test('changes that are no keys are not made by the way', async () => {
  await controller.edit('settings', 'apply:', 'health: { max_offset_ms: 90 }\napply:')
  const { exit, stderr } = await controller.run('keys rotate --yes')
  assert.equal(exit, 6)
  assert.match(stderr, /there are changes that are no keys\n {4}make them first: timeball apply/)
  assert.equal(await keyOf('pi-gps-01', 'API_KEY_2'), 'missing')
  await controller.edit('settings', 'health: { max_offset_ms: 90 }\n', '')
})

const containers = new Map<string, string>()

test('each device gets a key of its own beside the old one, and takes both', async () => {
  for (const name of names) {
    const { stdout } = await ssh(embedded, name, 'docker inspect -f {{.Id}} mcp-utc-time')
    containers.set(name, stdout)
  }
  const { exit, stdout, stderr } = await controller.run('keys rotate --yes --overlap 1h')
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stdout, /^pi-ntp-02 .* both are valid; the old one may go in 1 h$/m)
  assert.match(stderr, /in 1 h, end it with: timeball keys rotate$/m)
  const fresh = await Promise.all(names.map((name) => keyOf(name, 'API_KEY_2')))
  assert.equal(new Set(fresh).size, names.length)
  for (const [index, name] of names.entries()) {
    assert.deepEqual(await keysOn(name), [canary, fresh[index]])
    for (const key of [canary, fresh[index] ?? '']) {
      assert.equal(await ask(embedded.device(name).address, portOf(name), key), 200)
      assert.ok(key === canary || !`${stdout}${stderr}`.includes(key))
    }
  }
  assert.match((await controller.run('keys list')).stdout, /^pi-gps-01 .* may go in (1 h|59 min)/m)
})

test('run again, it waits: no second new key, and none is taken away', async () => {
  const before = await keyOf('pi-gps-01', 'API_KEY_2')
  const { exit, stderr } = await controller.run('keys rotate --yes')
  assert.equal(exit, 0)
  assert.match(stderr, /a rotation is under way on 4 of these devices and goes on/)
  assert.equal(await keyOf('pi-gps-01', 'API_KEY_2'), before)
  assert.equal((await keysOn('pi-gps-01')).length, 2)
})

test('after the overlap the new key is alone, and the old one was seen refused', async () => {
  for (const name of names) clients?.tell(name, await keyOf(name, 'API_KEY_2'))
  const { exit, stdout, stderr } = await controller.run('keys rotate --yes --overlap 0s')
  assert.equal(exit, 0, stdout + stderr)
  for (const name of names) {
    assert.match(stdout, new RegExp(`^${name} .* the old one is refused$`, 'm'))
    const own = await keyOf(name, 'API_KEY_1')
    assert.deepEqual(await keysOn(name), [own])
    assert.equal(await ask(embedded.device(name).address, portOf(name), canary), 401)
    assert.equal(await keyOf(name, 'API_KEY_2'), 'missing')
    assert.equal(await keyOf(name, 'RETIRED_API_KEY'), 'missing')
    const { stdout: id } = await ssh(embedded, name, 'docker inspect -f {{.Id}} mcp-utc-time')
    assert.equal(id, containers.get(name))
  }
  assert.match((await controller.run('keys list')).stdout, /^pi-gps-01 .* its own$/m)
})

test('no request was refused', async () => {
  await until('clients have asked often', () => (clients?.answers() ?? 0) > 200)
  await clients?.stop()
  assert.deepEqual(new Set(clients?.refusals), new Set())
  assert.ok(
    !(await readFile(join(dirname(embedded.fleetYamlPath), 'secrets.age.yaml'), 'utf8')).includes(
      canary,
    ),
  )
})

test('a device that is away keeps the key that it has, and goes on when it is back', async () => {
  const { faults } = embedded.device('pi-ntp-02')
  const old = await keyOf('pi-ntp-02', 'API_KEY_1')
  faults.resetConnections = true
  await controller.forgetConnections()
  const begun = await controller.run('keys rotate --yes --overlap 0s')
  assert.equal(begun.exit, 3, begun.stdout + begun.stderr)
  assert.match(begun.stdout, /^pi-ntp-02 .* failed: /m)
  assert.match(begun.stdout, /^pi-gps-01 .* the old one is refused$/m)
  assert.deepEqual(await keysOn('pi-ntp-02'), [old])
  assert.equal(await keyOf('pi-ntp-02', 'API_KEY_1'), old)
  faults.resetConnections = false
  const back = await controller.run('keys rotate pi-ntp-02 --yes --overlap 1h')
  assert.equal(back.exit, 0, back.stdout + back.stderr)
  assert.deepEqual(await keysOn('pi-ntp-02'), [old, await keyOf('pi-ntp-02', 'API_KEY_2')])
  assert.equal((await controller.run('keys rotate --yes --overlap 0s')).exit, 0)
  assert.equal((await keysOn('pi-ntp-02')).length, 1)
})
