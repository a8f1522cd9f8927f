/** kill -9 at instants that nobody chose, until one runner comes to the end. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { openRolloutStore } from '../../src/stores/sqlite/rollout-store.ts'
import { replay } from '../../src/core/rollout/evolve.ts'
import { canary, controllerOf } from './controller.ts'
import { timeballProgram } from '../run-program.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 30s, settle_timeout: 30s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 60s
  progress_deadline: 120s
  confirm_timeout: 10s
  canary: { soak: 1s }
  waves: ["100%"]
  gates: { min_reach: 1 }
`,
)
const folder = dirname(embedded.fleetYamlPath)
const sockets = join(folder, 'own')
await mkdir(sockets, { recursive: true })

interface Run {
  readonly exit: number | null
  readonly said: string
}

/** The real program in a process group of its own, killed so long after its first word. */
async function run(words: string, killAfterMs: number): Promise<Run> {
  const argv = [timeballProgram, ...words.split(' '), '-i', embedded.inventoryPath]
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'], API_KEY_1: canary, XDG_RUNTIME_DIR: sockets },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const said: string[] = []
  let timer: NodeJS.Timeout | null = null
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.push(text)
      timer ??= setTimeout(() => {
        const isOver = child.exitCode !== null || child.pid === undefined
        if (!isOver) process.kill(-child.pid, 'SIGKILL')
      }, killAfterMs)
    })
  }
  await once(child, 'close')
  if (timer !== null) clearTimeout(timer)
  return { exit: child.exitCode, said: said.join('') }
}

/** Instants that look random, and are the same each time: a linear congruence, as in C. */
function* instants(seed: number, mostMs: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    yield ((state >>> 8) / 2 ** 24) * mostMs
  }
}

const mostKills = 10
const file = join(folder, '.timeball/state.db')

test('killed at any instants, a rollout comes to its end, and its journal to the same', async () => {
  const applied = await controller.run('apply --yes')
  assert.equal(applied.exit, 0, applied.stderr)
  const { ref } = embeddedImages.second
  const kills = instants(20_261_123, 5_000)
  let runs = 0
  for (let status = 'none'; status !== 'done' && runs <= mostKills; status = await newestStatus()) {
    // A start that was killed before its first record is started anew.
    const words = status === 'none' ? `rollout start --yes --image ${ref}` : 'rollout resume'
    const isLast = runs === mostKills
    const { exit, said } = await run(words, isLast ? 120_000 : (kills.next().value ?? 0))
    if (exit !== null || isLast) assert.equal(exit, 0, said)
    runs += 1
  }
  assert.ok(runs > 3, `only ${runs} runs: nothing was killed in the middle`)

  for (const { name, root } of embedded.devices) {
    const compose = join(root, 'opt/mcp-utc-time-server/docker-compose.rpi.yml')
    assert.ok((await readFile(compose, 'utf8')).includes(ref), name)
    assert.ok(!existsSync(join(root, 'var/lib/timeball/pending')), name)
  }
  await assertJournal()
  assert.equal((await controller.run(`rollout start --yes --image ${ref}`)).exit, 0)
})

async function newestStatus(): Promise<string> {
  const store = await openRolloutStore(file, () => true)
  const [newest] = await store.list()
  await store.close()
  return newest?.status ?? 'none'
}

async function assertJournal(): Promise<void> {
  const store = await openRolloutStore(file, () => true)
  const [only, ...others] = await store.list()
  assert.ok(only !== undefined)
  assert.deepEqual(others, [])
  const events = await store.events(only.rollout)
  await store.close()
  const state = replay(events)
  assert.deepEqual(state?.status, { kind: 'ended', result: 'done', why: '' })
  for (const { device, phase } of state.devices.values()) assert.equal(phase, 'healthy', device)
  const moved = events.flatMap((event) => (event.type === 'move-intended' ? [event.device] : []))
  assert.deepEqual(moved.toSorted(), embedded.devices.map(({ name }) => name).toSorted())
  assert.ok(!events.some(({ type }) => type === 'return-intended' || type === 'rolling-back'))
  assert.equal(events.filter(({ type }) => type === 'ended').length, 1)
}
