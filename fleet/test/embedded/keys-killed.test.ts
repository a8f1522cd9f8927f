/** kill -9 in each phase of a rotation, under clients: run again it goes on, and nobody is refused. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { canary, controllerOf } from './controller.ts'
import { ageSettings, ageStoreOf, startClients } from './key-client.ts'
import { timeballProgram } from '../run-program.ts'

const embedded = await temporaryFleet()
const store = await ageStoreOf(embedded)
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 30s, settle_timeout: 60s }\n${ageSettings}`,
)
const sockets = join(dirname(embedded.fleetYamlPath), 'own')
await mkdir(sockets, { recursive: true })
const names = embedded.devices.map(({ name }) => name)

let clients: ReturnType<typeof startClients> | null = null
after(() => clients?.stop())

/** The real program, killed when its last lines match one after the other; whether it came to that. */
async function runAndKill(words: string, lines: readonly RegExp[]): Promise<boolean> {
  const argv = [timeballProgram, ...words.split(' '), '-i', embedded.inventoryPath]
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: sockets },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const left = [...lines]
  createInterface(child.stderr).on('line', (line) => {
    if (left[0]?.test(line) === true) left.shift()
    if (left.length === 0 && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  return signal === 'SIGKILL'
}

async function keyOf(device: string, name: string): Promise<string | null> {
  const secret = await store().get({ device, name })
  return secret.ok ? secret.value.reveal() : null
}

async function keysOn(device: string): Promise<string[]> {
  const path = join(embedded.device(device).root, 'opt/mcp-utc-time-server/.env')
  const text = await readFile(path, 'utf8')
  return [...text.matchAll(/^API_KEY_\d=(.*)$/gm)].map(([, key = '']) => key)
}

async function finish(words: string): Promise<void> {
  const { exit, stdout, stderr } = await controller.run(words)
  assert.equal(exit, 0, stdout + stderr)
}

const kills = [
  { add: [/is in the store/], cut: [/is retired/] },
  { add: [/pi-ntp-01: applying/], cut: [/is retired/, /pi-ntp-01: applying/] },
  { add: [/pi-gps-01: confirming/], cut: [/is retired/, /pi-gps-01: confirming/] },
  { add: [/asking/], cut: [/is retired/, /asking/] },
]

test('devices begin with one key for all', async () => {
  await finish('secrets import --from env')
  await finish('apply --yes')
  clients = startClients(embedded, (device) => embedded.device(device).httpPort, canary)
})

for (const { add, cut } of kills) {
  test(`killed at ${String(add.at(-1))}, and in the end at ${cut.join(' then ')}`, async () => {
    const begin = 'keys rotate --yes --overlap 1h'
    assert.ok(await runAndKill(begin, add), `it did not come to ${String(add)}`)
    const fresh = await Promise.all(names.map((name) => keyOf(name, 'API_KEY_2')))
    await finish(begin)
    assert.deepEqual(await Promise.all(names.map((name) => keyOf(name, 'API_KEY_2'))), fresh)
    for (const [index, name] of names.entries()) clients?.tell(name, fresh[index] ?? '')
    const end = 'keys rotate --yes --overlap 0s'
    assert.ok(await runAndKill(end, cut), `it did not come to ${String(cut)}`)
    await finish(end)
    for (const [index, name] of names.entries()) {
      assert.deepEqual(await keysOn(name), [fresh[index]])
      assert.equal(await keyOf(name, 'API_KEY_1'), fresh[index])
      assert.equal(await keyOf(name, 'RETIRED_API_KEY'), null)
    }
  })
}

test('no request was refused', async () => {
  await clients?.stop()
  assert.ok((clients?.answers() ?? 0) > 200)
  assert.deepEqual(new Set(clients?.refusals), new Set())
})
