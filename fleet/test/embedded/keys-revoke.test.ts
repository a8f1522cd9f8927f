/** A stolen device: nothing goes there, its keys open nothing, and the others get new ones at once. */
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { canary, controllerOf } from './controller.ts'
import { ageSettings, ageStoreOf, ask } from './key-client.ts'

const embedded = await temporaryFleet()
const store = await ageStoreOf(embedded)
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }\n${ageSettings}`,
)
const folder = dirname(embedded.fleetYamlPath)
const others = ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01']

async function keysOn(device: string): Promise<string[]> {
  const path = join(embedded.device(device).root, 'opt/mcp-utc-time-server/.env')
  const text = await readFile(path, 'utf8')
  return [...text.matchAll(/^API_KEY_\d=(.*)$/gm)].map(([, key = '']) => key)
}

async function keyOf(device: string | null, name: string): Promise<string> {
  const secret = await store().get({ device, name })
  return secret.ok ? secret.value.reveal() : secret.failure.code
}

async function statusWith(device: string, key: string): Promise<number> {
  const { address, httpPort } = embedded.device(device)
  return await ask(address, httpPort, key)
}

test('the keys are exported in the forms of clients, for their owner alone', async () => {
  assert.equal((await controller.run('secrets import --from env')).exit, 0)
  const { exit, stdout } = await controller.run('apply --yes')
  assert.equal(exit, 0, stdout)
  const file = join(folder, 'clients.env')
  const exported = await controller.run(`keys export --format env --out ${file}`)
  assert.equal(exported.exit, 0, exported.stderr)
  assert.match(exported.stderr, /clients.env: keys, in clear/)
  assert.match(await readFile(file, 'utf8'), new RegExp(`^API_KEY_1_PI_GPS_01=${canary}$`, 'm'))
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  const json = join(folder, 'clients.json')
  assert.equal((await controller.run(`keys export pi-ntp-01 --out ${json}`)).exit, 0)
  const { keys } = JSON.parse(await readFile(json, 'utf8'))
  assert.deepEqual(
    keys.map((each: { device: string; key: string }) => [each.device, each.key]),
    [['pi-ntp-01', canary]],
  )
})

test('what nobody is called cannot be revoked', async () => {
  const { exit, stderr } = await controller.run('keys revoke pi-ntp-0 --yes')
  assert.equal(exit, 64)
  assert.match(stderr, /there is no device pi-ntp-0\n {4}did you mean pi-ntp-01\?/)
})

test('a device that is away keeps the old key in view until it is back', async () => {
  embedded.device('pi-gps-02').faults.resetConnections = true
  await controller.forgetConnections()
  const { exit, stdout, stderr } = await controller.run('keys revoke pi-ntp-02 --yes')
  assert.equal(exit, 3, stdout + stderr)
  assert.match(stderr, /pi-ntp-02 is in revoked.yaml: nothing goes there any more/)
  assert.match(stderr, /its host key is refused, under every name/)
  assert.match(stdout, /^pi-gps-01 .* the old one is refused$/m)
  assert.match(stdout, /^pi-gps-02 .* failed: /m)
  assert.equal(await statusWith('pi-gps-01', canary), 401)
  assert.equal(await keyOf('pi-gps-02', 'RETIRED_API_KEY'), canary)
  embedded.device('pi-gps-02').faults.resetConnections = false
})

test('run again it goes on, and the key of the stolen device opens none of the others', async () => {
  const { exit, stdout, stderr } = await controller.run('keys revoke pi-ntp-02 --yes')
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stderr, /what else pi-ntp-02 knew/)
  const fresh = await Promise.all(others.map((name) => keyOf(name, 'API_KEY_1')))
  assert.equal(new Set(fresh).size, others.length)
  for (const [index, name] of others.entries()) {
    assert.deepEqual(await keysOn(name), [fresh[index]])
    assert.equal(await statusWith(name, canary), 401)
    assert.equal(await statusWith(name, fresh[index] ?? ''), 200)
    assert.equal(await keyOf(name, 'RETIRED_API_KEY'), 'missing')
  }
  assert.equal(await keyOf('pi-ntp-02', 'API_KEY_1'), 'missing')
  assert.equal(await keyOf(null, 'API_KEY_1'), 'missing')
})

test('it is left as it is, and out of every plan', async () => {
  assert.deepEqual(await keysOn('pi-ntp-02'), [canary])
  const { exit, stdout } = await controller.run('plan')
  assert.equal(exit, 0)
  assert.match(stdout, /pi-ntp-02 was revoked on .* and is left out: take it from the inventory/)
  const named = await controller.run('plan pi-ntp-02')
  assert.equal(named.exit, 64)
  assert.match(named.stderr, /pi-ntp-02 was revoked on .*: nothing goes there/)
})

test('whoever has its host key is believed under no name', async () => {
  const hosts = await readFile(embedded.knownHostsFile, 'utf8')
  assert.match(hosts, /^@revoked \* ssh-ed25519 /m)
  const undone = await controller.run('keys revoke pi-ntp-02 --undo')
  assert.equal(undone.exit, 0)
  assert.match(undone.stderr, /its old host key stays refused/)
  await controller.forgetConnections()
  const { exit, stdout } = await controller.run('ping pi-ntp-02')
  assert.equal(exit, 3)
  assert.match(stdout, /host key/)
  assert.match((await controller.run('keys revoke pi-ntp-02 --undo')).stderr, /was not revoked/)
})
