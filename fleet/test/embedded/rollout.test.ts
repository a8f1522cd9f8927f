/** Rollouts on simulated devices as an operator runs them: to the end, and to each bad end. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { z } from 'zod'
import { controllerOf, type Ended } from './controller.ts'

let onStart: (device: string, image: string) => void = () => {}
const embedded = await temporaryFleet({
  onEvent({ kind, device, image }) {
    if (kind === 'container-started' && image !== null) onStart(device, image)
  },
})
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 15s
  progress_deadline: 60s
  confirm_timeout: 10s
  canary: { soak: 1s }
  waves: ["100%"]
  quorum: { min_good: 0 }
  gates: { min_reach: 1 }
`,
)
const names = embedded.devices.map(({ name }) => name)
const canary = 'pi-ntp-01'

async function contentOf(name: string, path: string): Promise<string> {
  return (await readFile(join(embedded.device(name).root, path), 'utf8')).trim()
}

function generationOf(name: string): Promise<string> {
  return contentOf(name, 'var/lib/timeball/current')
}

async function imageOf(name: string): Promise<string> {
  const compose = await contentOf(name, 'opt/mcp-utc-time-server/docker-compose.rpi.yml')
  return /registry\.embedded\/\S+@sha256:[0-9a-f]+/.exec(compose)?.[0] ?? 'none'
}

const resultLine = z.looseObject({ type: z.literal('result') })

function resultOf({ stdout }: Ended): z.infer<typeof resultLine> {
  return resultLine.parse(JSON.parse(stdout.split('\n').at(-1) ?? ''))
}

function allOf({ stdout, stderr }: Ended): string {
  return `${stdout}\n${stderr}`
}

async function generations(): Promise<readonly string[]> {
  return await Promise.all(names.map(generationOf))
}

test('a good release goes all the way: exit 0, and every device has it', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const { ref } = embeddedImages.second
  const ended = await controller.run(`rollout start --yes --json --image ${ref}`)
  assert.equal(ended.exit, 0, allOf(ended))
  assert.deepEqual(
    await Promise.all(names.map(imageOf)),
    names.map(() => ref),
  )
  const result = resultOf(ended)
  assert.deepEqual([result['result'], result['touched']], ['done', names.length])
})

for (const { image, result, touched } of [
  { image: 'crashing', result: 'rolled_back', touched: 1 },
  { image: 'unsynchronised', result: 'rolled_back', touched: 1 },
] as const) {
  test(`a release that is ${image} ends at the canary and is blocked`, async () => {
    const before = await generations()
    const { ref } = embeddedImages[image]
    const ended = await controller.run(`rollout start --yes --json --image ${ref}`)
    assert.equal(ended.exit, 5, allOf(ended))
    assert.deepEqual(
      [resultOf(ended)['result'], resultOf(ended)['touched']],
      [result, touched],
      ended.stdout,
    )
    const after = await generations()
    for (const [index, name] of names.entries()) {
      if (name !== canary) assert.equal(after[index], before[index], name)
      assert.equal(await imageOf(name), embeddedImages.second.ref, name)
      assert.ok(!existsSync(join(embedded.device(name).root, 'var/lib/timeball/pending')))
    }

    const again = await controller.run(`rollout start --yes --image ${ref}`)
    assert.equal(again.exit, 6, allOf(again))
    assert.match(again.stderr, /blocked, because rollout r\d+-\d+ of it was rolled back/)
    await controller.edit('settings', embeddedImages.first.ref, ref)
    const applied = await controller.run('apply --yes')
    assert.equal(applied.exit, 6, allOf(applied))
    await controller.edit('settings', ref, embeddedImages.first.ref)
    assert.equal((await controller.run(`rollout unblock ${ref}`)).exit, 0)
    const unblocked = await controller.run(`rollout start --image ${ref}`, { answer: false })
    assert.equal(unblocked.exit, 7, allOf(unblocked))
    assert.deepEqual(await generations(), after)
  })
}

test('a release that nobody can pull ends at the canary, and is free once it can be', async () => {
  const before = await generations()
  const { ref } = embeddedImages.missing
  const ended = await controller.run(`rollout start --yes --json --image ${ref}`)
  assert.equal(ended.exit, 5, allOf(ended))
  const result = resultOf(ended)
  assert.deepEqual([result['result'], result['touched']], ['aborted', 0], ended.stdout)
  assert.deepEqual(await generations(), before)
  const again = await controller.run(`rollout start --image ${ref}`, { answer: false })
  assert.equal(again.exit, 7, allOf(again))
})

test('of two at once the second one is refused, and told who is at work', async () => {
  const { ref } = embeddedImages.first
  const second: ReturnType<typeof controller.run>[] = []
  const first = await controller.run(`rollout start --yes --image ${ref}`, {
    onSay: (line) => {
      if (second.length === 0 && line.endsWith(': moves')) {
        second.push(controller.run(`rollout start --yes --image ${embeddedImages.falseticker.ref}`))
      }
    },
  })
  const [refused] = await Promise.all(second)
  assert.ok(refused !== undefined)
  assert.equal(refused.exit, 6, allOf(refused))
  assert.match(
    refused.stderr,
    /the fleet is being changed by rollout r\d+-\d+ on .* \(process \d+\)/,
  )
  assert.equal(first.exit, 0, allOf(first))
  for (const name of names) assert.equal(await imageOf(name), ref)
})

test('a device that is off is no control either; it is left out and named, and that is not 0', async () => {
  const { ref } = embeddedImages.second
  await embedded.device('pi-ntp-02').powerOff()
  const paused = await controller.run(`rollout start --yes --image ${ref}`)
  assert.equal(paused.exit, 5, allOf(paused))
  assert.match(
    paused.stderr,
    /paused by timeball: canaries cannot be compared: pi-ntp-01 and its controls/,
  )
  const ended = await controller.run('rollout promote --json')
  assert.equal(ended.exit, 3, allOf(ended))
  const result = resultOf(ended)
  assert.deepEqual([result['result'], result['unreachable']], ['done', ['pi-ntp-02']])
  await embedded.device('pi-ntp-02').powerOn()
  assert.equal(await imageOf('pi-ntp-02'), embeddedImages.first.ref)
})

test('a device that is cut off in its change reverts, and one resume moves it again', async () => {
  const { ref } = embeddedImages.first
  const { faults } = embedded.device('pi-gps-02')
  onStart = (device, image) => {
    if (device !== 'pi-gps-02' || image !== ref) return
    faults.resetConnections = true
    faults.cutAfterStdoutBytes = 1
  }
  const lost = await controller.run(`rollout start --yes --image ${ref}`)
  assert.equal(lost.exit, 5, allOf(lost))
  assert.match(lost.stderr, /pi-gps-02: lost: /)
  assert.match(lost.stdout, /^pi-gps-02 .* lost /m)
  assert.match(lost.stdout, /wave not passed by pi-gps-02/)

  onStart = () => {}
  faults.resetConnections = false
  faults.cutAfterStdoutBytes = null
  const resumed = await controller.run('rollout resume')
  assert.equal(resumed.exit, 0, allOf(resumed))
  assert.match(resumed.stderr, /pi-gps-02: the old release serves good time/)
  assert.match(resumed.stdout, /^pi-gps-02 .* healthy /m)
  for (const name of names) assert.equal(await imageOf(name), ref, name)
})
