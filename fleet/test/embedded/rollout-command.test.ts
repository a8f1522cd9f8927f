/** `timeball rollout` against the embedded fleet, as an operator types it. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { z } from 'zod'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 30s
  progress_deadline: 60s
  canary: { soak: 1s }
  gates: { min_reach: 1 }
health: { max_offset_ms: 100 }
`,
)

const record = z.looseObject({ type: z.string() })
type Json = z.infer<typeof record>

function recordsOf(stdout: string): Json[] {
  return stdout.split('\n').map((line) => record.parse(JSON.parse(line)))
}

async function generationOf(name: string): Promise<string> {
  const path = join(embedded.device(name).root, 'var/lib/timeball/current')
  return (await readFile(path, 'utf8')).trim()
}

async function maxOffsetOf(name: string): Promise<string> {
  const path = join(embedded.device(name).root, 'opt/mcp-utc-time-server/.env')
  return /^MAX_OFFSET_MS=(\d+)$/m.exec(await readFile(path, 'utf8'))?.[1] ?? 'none'
}

const names = embedded.devices.map(({ name }) => name)

test('before the first rollout there is nothing to see', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const list = await controller.run('rollout list')
  assert.equal(list.exit, 0)
  assert.equal(list.stdout, 'There was no rollout yet.')
  assert.equal((await controller.run('rollout status')).exit, 64)
})

test('where nothing is to be moved, nothing is done', async () => {
  const { exit, stdout } = await controller.run('rollout start --yes')
  assert.equal(exit, 0)
  assert.match(stdout, /up to date/)
  assert.equal((await controller.run('rollout list')).stdout, 'There was no rollout yet.')
})

test('a dry run shows the waves and changes nothing', async () => {
  await controller.edit('settings', 'max_offset_ms: 100', 'max_offset_ms: 90')
  const { exit, stdout } = await controller.run('rollout start --dry-run')
  assert.equal(exit, 0)
  assert.match(stdout, /^canary +pi-ntp-01 +stratum2 +canary of stratum2/m)
  const json = recordsOf((await controller.run('rollout start --dry-run --json')).stdout)
  assert.deepEqual(
    json.map(({ type }) => type),
    ['version', 'rollout_plan', 'result'],
  )
  for (const name of names) assert.equal(await generationOf(name), '1')
})

test('a quorum that cannot be kept is a conflict, with the arithmetic; its loss can be allowed', async () => {
  await controller.edit('settings', 'rollout:\n', 'rollout:\n  quorum: { min_good: 2 }\n')
  const { exit, stderr } = await controller.run('rollout start --yes')
  assert.equal(exit, 6)
  assert.match(stderr, /2 - 1 = 1 < 2/)
  const allowed = await controller.run('rollout start --dry-run --allow-quorum-loss')
  assert.equal(allowed.exit, 0)
  assert.match(allowed.stdout, /the quorum will be lost, as allowed/)
  await controller.edit('settings', '  quorum: { min_good: 2 }\n', '')
})

test('in a freeze window nothing is started, unless there is a reason', async () => {
  const always =
    '  freeze: { windows: ["Mon 00:00 - Sun 23:59 UTC", "Sun 23:00 - Mon 01:00 UTC"] }\n'
  await controller.edit('settings', 'rollout:\n', `rollout:\n${always}`)
  const { exit, stderr } = await controller.run('rollout start --yes')
  assert.equal(exit, 6)
  assert.match(stderr, /nothing may be started now[\s\S]*--override-freeze/)
  const no = await controller.run('rollout start --override-freeze urgent', { answer: false })
  assert.equal(no.exit, 7)
  await controller.edit('settings', always, '')
})

test('a rollout is asked for: nobody there is bad usage, and no is no', async () => {
  assert.equal((await controller.run('rollout start')).exit, 64)
  assert.equal((await controller.run('rollout start', { answer: false })).exit, 7)
  for (const name of names) assert.equal(await generationOf(name), '1')
})

test('Ctrl-C finishes the step and pauses; resume goes on to the end', async () => {
  const stop = new AbortController()
  const paused = await controller.run('rollout start --yes --why tighter', {
    stop: stop.signal,
    onSay: (line) => {
      if (line.endsWith(': moves')) stop.abort()
    },
  })
  assert.equal(paused.exit, 130, paused.stderr)
  assert.match(paused.stdout, /: paused: interrupted$/m)
  assert.match(paused.stderr, /to go on: timeball rollout resume r\d/)
  assert.equal(await generationOf('pi-ntp-02'), '1')
  const second = await controller.run('rollout start --yes')
  assert.equal(second.exit, 6)
  assert.match(second.stderr, /rollout r\d+-\d+ is not over: paused/)

  const [watched, resumed] = await Promise.all([
    controller.run('rollout status --watch --json'),
    controller.run('rollout resume'),
  ])
  assert.equal(resumed.exit, 0, resumed.stdout + resumed.stderr)
  assert.equal(watched.exit, 0, watched.stdout + watched.stderr)
  const seen = recordsOf(watched.stdout).filter(({ type }) => type === 'rollout')
  assert.equal(seen.at(-1)?.['result'], 'done')
  assert.ok(seen.some((each) => /^rollout r\d+-\d+ on /.test(String(each['run_by']))))
  for (const name of names) assert.equal(await maxOffsetOf(name), '90')
})

test('its history is kept: list, show, status', async () => {
  const list = await controller.run('rollout list')
  assert.match(list.stdout, /^r\d+-\d+ +done .* tighter$/m)
  const show = await controller.run('rollout show')
  for (const name of names)
    assert.match(show.stdout, new RegExp(`^${name} .* healthy +1 -> 2 `, 'm'))
  assert.match(show.stdout, /paused by .*: interrupted/)
  const events = recordsOf((await controller.run('rollout show --json')).stdout)
  assert.ok(
    events.some((event) => event['event'] === 'served' && event['downtime_seconds'] !== null),
  )
  const watched = await controller.run('rollout status --watch --json')
  assert.equal(watched.exit, 0)
  const [, status] = recordsOf(watched.stdout)
  assert.equal(status?.['result'], 'done')
  assert.equal((await controller.run('rollout show r9')).exit, 64)
  assert.equal((await controller.run('rollout resume')).exit, 6)
})

test('a release whose clock is off ends at the canary, is blocked, and the exit code is not 0', async () => {
  const { ref } = embeddedImages.falseticker
  const bad = await controller.run(`rollout start --yes --json --image ${ref}`)
  assert.equal(bad.exit, 5, bad.stdout)
  const result = recordsOf(bad.stdout).at(-1)
  assert.equal(result?.['result'], 'rolled_back')
  assert.equal(result?.['status'], 'failed')
  for (const name of names.filter((each) => each !== 'pi-ntp-01')) {
    assert.equal(await generationOf(name), '2', name)
  }

  const again = await controller.run(`rollout start --yes --image ${ref}`)
  assert.equal(again.exit, 6)
  assert.match(again.stderr, /timeball rollout unblock [0-9a-f]{12}/)
  const dry = await controller.run(`rollout start --dry-run --image ${ref}`)
  assert.equal(dry.exit, 6, dry.stdout)
  assert.match(dry.stderr, /the release is blocked/)
  const list = await controller.run('rollout list --json')
  assert.match(list.stdout, /"blocked":\[\{"digest"/)
  assert.equal((await controller.run('rollout unblock nothing')).exit, 64)
  assert.equal((await controller.run('rollout unblock')).exit, 0)
  assert.equal((await controller.run('rollout unblock')).exit, 64)
})

test('a rollout that runs is asked to pause, refuses a second one, and is rolled back by hand', async () => {
  await controller.edit('settings', 'max_offset_ms: 90', 'max_offset_ms: 80')
  const asked: ReturnType<typeof controller.run>[] = []
  const paused = await controller.run('rollout start --yes', {
    onSay: (line) => {
      if (!line.endsWith(': moves') || asked.length > 0) return
      asked.push(controller.run('rollout pause --why lunch'), controller.run('apply --yes'))
    },
  })
  assert.equal(paused.exit, 5, paused.stderr)
  assert.match(paused.stderr, /paused by .*: lunch$/m)
  const [pause, apply] = await Promise.all(asked)
  assert.ok(pause !== undefined && apply !== undefined)
  assert.equal(pause.exit, 0, pause.stderr)
  assert.match(pause.stderr, /asked rollout r\d+-\d+ on /)
  assert.equal(apply.exit, 6)
  assert.match(apply.stderr, /being changed by rollout r/)

  await controller.edit('inventory', 'pi-ntp-02:', 'pi-ntp-09:')
  // The rollback must not depend on keys either.
  const keyless = { environment: { API_KEY_1: '' } }
  const gone = await controller.run('rollout resume')
  assert.equal(gone.exit, 6)
  assert.match(gone.stderr, /something else now for pi-ntp-02/)
  const back = await controller.run('rollout rollback --why enough', keyless)
  assert.equal(back.exit, 5, back.stderr)
  await controller.edit('inventory', 'pi-ntp-09:', 'pi-ntp-02:')
  for (const name of names) assert.equal(await maxOffsetOf(name), '90', name)
  const blocked = await controller.run('apply --yes')
  assert.equal(blocked.exit, 6)
  assert.match(blocked.stderr, /rollback by .*: enough/)
})

test('ids of rollouts are completed', async () => {
  const [listed = ''] = /^r\d{8}-\d{6}/m.exec((await controller.run('rollout list')).stdout) ?? []
  assert.notEqual(listed, '')
  const { stdout } = await controller.run('complete -- rollout show r2')
  assert.match(stdout, new RegExp(`^${listed}\t`, 'm'))
})
