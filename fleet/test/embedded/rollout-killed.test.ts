/** kill -9 while a rollout runs: the next process takes it up from the journal. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { canary, controllerOf } from './controller.ts'
import { timeballProgram } from '../run-program.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 5s, settle_timeout: 30s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 40s
  progress_deadline: 80s
  confirm_timeout: 5s
  canary: { soak: 1s }
  gates: { min_reach: 1 }
health: { max_offset_ms: 100 }
`,
)
const sockets = join(dirname(embedded.fleetYamlPath), 'own')
await mkdir(sockets, { recursive: true })

/** The real program, killed at the first line that matches; whether it came to that. */
async function runAndKill(words: string, at: RegExp): Promise<boolean> {
  const argv = [timeballProgram, ...words.split(' '), '-i', embedded.inventoryPath]
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'], API_KEY_1: canary, XDG_RUNTIME_DIR: sockets },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  createInterface(child.stderr).on('line', (line) => {
    if (at.test(line) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  return signal === 'SIGKILL'
}

async function maxOffsetOf(name: string): Promise<string> {
  const path = join(embedded.device(name).root, 'opt/mcp-utc-time-server/.env')
  return /^MAX_OFFSET_MS=(\d+)$/m.exec(await readFile(path, 'utf8'))?.[1] ?? 'none'
}

const kills = [
  { words: 'rollout start --yes', at: /pi-ntp-01: moves$/ },
  { words: 'rollout resume', at: /pi-ntp-01: (generation|all gates)/ },
  { words: 'rollout resume', at: /pi-gps-01: moves$/ },
  { words: 'rollout resume', at: /pi-gps-01: healthy/ },
  { words: 'rollout resume', at: /wave 1: begins/ },
]

test('killed again and again, a rollout ends with the new release on every device', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await controller.edit('settings', 'max_offset_ms: 100', 'max_offset_ms: 90')
  for (const { words, at } of kills) {
    assert.ok(await runAndKill(words, at), `${words} was not killed at ${at}`)
    const { stdout } = await controller.run('rollout status')
    assert.match(stdout, /^nobody runs it: timeball rollout resume r\d+-\d+$/m)
  }
  const { exit, stdout, stderr } = await controller.run('rollout resume')
  assert.equal(exit, 0, stdout + stderr)
  for (const { name } of embedded.devices) assert.equal(await maxOffsetOf(name), '90', name)
  assert.match((await controller.run('rollout list')).stdout, /^r\d+-\d+ +done /m)
})
