/** kill -9 while a device is on its rollback: it never ends on the blocked release. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { canary as apiKey, controllerOf } from './controller.ts'
import { timeballProgram } from '../run-program.ts'

let onStart: (device: string, image: string) => void = () => {}
const embedded = await temporaryFleet({
  onEvent({ kind, device, image }) {
    if (kind === 'container-started' && image !== null) onStart(device, image)
  },
})
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 5s, settle_timeout: 30s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 15s
  progress_deadline: 60s
  confirm_timeout: 5s
  canary: { soak: 1s }
  quorum: { min_good: 0 }
  gates: { min_reach: 1 }
`,
)
const canary = 'pi-ntp-01'
const { root } = embedded.device(canary)
const good = embeddedImages.first.ref
const bad = embeddedImages.unsynchronised.ref
const sockets = join(dirname(embedded.fleetYamlPath), 'own')
await mkdir(sockets, { recursive: true })

function isUnderWay(): boolean {
  return existsSync(join(root, 'var/lib/timeball/pending'))
}

async function imageOfCanary(): Promise<string> {
  const compose = join(root, 'opt/mcp-utc-time-server/docker-compose.rpi.yml')
  return /registry\.embedded\/\S+@sha256:[0-9a-f]+/.exec(await readFile(compose, 'utf8'))?.[0] ?? ''
}

/** A rollout of the bad release by the real program, killed on the rollback. */
async function startAndKill(when: 'it sets out' | 'the old release starts'): Promise<void> {
  const argv = [
    timeballProgram,
    'rollout',
    'start',
    '--yes',
    '--image',
    bad,
    '-i',
    embedded.inventoryPath,
  ]
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'], API_KEY_1: apiKey, XDG_RUNTIME_DIR: sockets },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const kill = (): void => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  let isReturning = false
  createInterface(child.stderr).on('line', (line) => {
    if (!line.includes(`${canary}: rolls back`)) return
    isReturning = true
    if (when === 'it sets out') kill()
  })
  onStart = (device, image) => {
    if (isReturning && device === canary && image === good) kill()
  }
  const [, signal] = await once(child, 'close')
  onStart = () => {}
  assert.equal(signal, 'SIGKILL', `not killed when ${when}`)
}

test('everything has the good release', async () => {
  const applied = await controller.run('apply --yes')
  assert.equal(applied.exit, 0, applied.stderr)
})

for (const when of ['it sets out', 'the old release starts'] as const) {
  test(`killed when ${when}, one resume ends it with the old release`, async () => {
    await startAndKill(when)
    const resumed = await controller.run('rollout resume')
    assert.equal(resumed.exit, 5, `${resumed.stdout}\n${resumed.stderr}`)
    assert.match(resumed.stdout, /^pi-ntp-01 .* returned /m)
    assert.equal(await imageOfCanary(), good)
    assert.ok(!isUnderWay())
    assert.equal((await controller.run(`rollout unblock ${bad}`)).exit, 0)
  })
}
