/** kill -9 of the controller that runs a rollout: another one, which shares its state, finishes it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { startServer } from '../../src/stores/postgres/test/server.ts'
import { runProgram, timeballProgram } from '../run-program.ts'
import { canary, controllerOf, hurriedRollouts } from './controller.ts'

const server = await startServer()
after(() => server.stop())
const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  `${hurriedRollouts()}state: ${JSON.stringify(server.newState())}\n`,
)

/** A machine with the files of the fleet, and nothing else. */
async function machine(name: string): Promise<string> {
  const folder = join(dirname(embedded.fleetYamlPath), name)
  await mkdir(folder)
  await copyFile(embedded.inventoryPath, join(folder, 'inventory.yml'))
  await copyFile(embedded.fleetYamlPath, join(folder, 'fleet.yaml'))
  return folder
}

function environment(folder: string) {
  return { API_KEY_1: canary, XDG_RUNTIME_DIR: folder }
}

test('the leader is killed in a rollout, and the other one ends it', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await controller.edit('settings', 'max_offset_ms: 100', 'max_offset_ms: 90')
  const [first, second] = [await machine('first'), await machine('second')]
  const leader = spawn(process.execPath, [timeballProgram, 'rollout', 'start', '--yes'], {
    cwd: first,
    env: { PATH: process.env['PATH'], ...environment(first) },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  createInterface(leader.stderr).on('line', (line) => {
    if (/: healthy/.test(line) && leader.pid !== undefined) process.kill(-leader.pid, 'SIGKILL')
  })
  const [, signal] = await once(leader, 'close')
  assert.equal(signal, 'SIGKILL')
  const place = { cwd: second, env: environment(second) }
  const words = ['rollout', 'resume']
  const { exit, stdout, stderr } = await runProgram(
    process.execPath,
    [timeballProgram, ...words],
    place,
  )
  assert.equal(exit, 0, stdout + stderr)
  for (const { name } of embedded.devices) {
    const path = join(embedded.device(name).root, 'opt/mcp-utc-time-server/.env')
    assert.match(await readFile(path, 'utf8'), /^MAX_OFFSET_MS=90$/m, name)
  }
  assert.match((await controller.run('rollout list')).stdout, /^r\d+-\d+ +done /m)
})
