/** What a device says of the fleet's operations changes nothing for another device. */
import assert from 'node:assert/strict'
import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
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
const state = join(dirname(embedded.fleetYamlPath), '.timeball')
const names = embedded.devices.map(({ name }) => name)
const liar = 'pi-ntp-02'

const epochFile = (name: string): string =>
  join(embedded.device(name).root, 'var/lib/timeball/epoch')
const epochs = (): Promise<number[]> =>
  Promise.all(
    names.map(async (name) => Number.parseInt(await readFile(epochFile(name), 'utf8'), 10)),
  )

let offset = 200
/** Something that changes all devices. */
async function change(): Promise<void> {
  const before = offset === 200 ? 'discipline: false' : `max_offset_ms: ${offset}`
  offset += 1
  const after =
    before === 'discipline: false'
      ? `discipline: false\nhealth: {max_offset_ms: ${offset}}`
      : `max_offset_ms: ${offset}`
  await controller.edit('settings', before, after)
}

test('an operation has the next number, on every device', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  assert.deepEqual(await epochs(), [1, 1, 1, 1])
})

for (const said of ['999999999999998', '9007199254740990', 'nonsense']) {
  test(`a device that says ${said} is refused by name, and no other one hears of it`, async () => {
    await writeFile(epochFile(liar), `${said}\n`)
    await change()
    const { exit, stdout } = await controller.run('apply --yes')
    assert.equal(exit, 3, stdout)
    assert.match(stdout, new RegExp(`^${liar} +failed .*timeball reseat`, 'm'))
    assert.match(stdout, /3 changed/)
    const [number = 0, ...others] = (await epochs()).slice(0, 3)
    assert.ok(number < 100)
    assert.deepEqual(others, [number, number])

    const reseated = await controller.run(`reseat ${liar} --yes`)
    assert.equal(reseated.exit, 0, reseated.stderr)
    assert.match(reseated.stdout, new RegExp(`^${liar}: its number is ${number + 1} now`, 'm'))
    assert.equal((await controller.run('apply --yes')).exit, 0)
    assert.equal((await epochs())[3], number + 2)
  })
}

test('a rollout leaves such a device out, names it, and goes on with the others', async () => {
  await writeFile(epochFile(liar), '999999999999998\n')
  await change()
  const { exit, stdout, stderr } = await controller.run('rollout start --yes --limit stratum2')
  assert.match(stdout + stderr, /pi-ntp-02.*it has seen operation 999999999999998/)
  assert.notEqual(exit, 1)
  assert.ok(Math.max(...(await epochs()).slice(0, 3)) < 100)
  assert.equal((await controller.run(`reseat ${liar} --yes`)).exit, 0)
})

/** A second operator, whose state directory is his own. */
async function asAnother(work: () => Promise<void>): Promise<void> {
  await rename(state, `${state}-of-ada`)
  await work()
  await rm(state, { recursive: true })
  await rename(`${state}-of-ada`, state)
}

/** Somebody was there so long ago. */
async function wasTouched(device: string, agoSeconds: number): Promise<void> {
  const at = Math.trunc(Date.now() / 1_000) - agoSeconds
  await utimes(epochFile(device), at, at)
}

test('who shares no state is stopped where somebody has just been, and told what to do', async () => {
  await controller.run('rollout abort')
  await change()
  const first = await controller.run('apply --yes')
  assert.equal(first.exit, 0, first.stdout + first.stderr)
  const before = await epochs()
  await change()
  for (const name of names) await wasTouched(name, 30)
  await asAnother(async () => {
    for (const command of ['apply', 'rollout start', 'restart', 'reboot', 'reseat all']) {
      const refused = await controller.run(`${command} --yes --accept-new-host-keys`)
      assert.equal(refused.exit, 6, refused.stdout + refused.stderr)
      assert.match(
        refused.stderr,
        /another state directory changed pi-gps-\[01-02\], pi-ntp-\[01-02\] \d\d s ago/,
      )
      assert.match(refused.stderr, /--allow-other-state/)
    }
    assert.deepEqual(await epochs(), before)
  })
})

test('one device among others is only believed about itself', async () => {
  for (const name of names) await wasTouched(name, name === liar ? 30 : 700)
  const before = await epochs()
  await asAnother(async () => {
    const { exit, stdout } = await controller.run('apply --yes --accept-new-host-keys')
    assert.equal(exit, 3, stdout)
    assert.match(stdout, new RegExp(`^${liar} +failed .*changed it \\d\\d s ago`, 'm'))
    assert.match(stdout, /3 changed/)
    const after = await epochs()
    assert.equal(after[3], before[3])
    for (const index of [0, 1, 2]) assert.ok((after[index] ?? 0) > (before[index] ?? 0))
    const reseated = await controller.run('reseat all --yes')
    assert.equal(reseated.exit, 3)
    assert.match(reseated.stdout, new RegExp(`^${liar}: .*changed it \\d\\d s ago`, 'm'))
    assert.equal((await epochs())[3], before[3])
    const own = await controller.run(`apply ${liar} --yes --allow-other-state`)
    assert.equal(own.exit, 0, own.stdout + own.stderr)
    await change()
    assert.equal((await controller.run('apply --yes')).exit, 0, 'nobody else was there since')
  })
})

test('a lost store goes on from the number that most devices have seen', async () => {
  const before = await epochs()
  await change()
  await rm(state, { recursive: true })
  const { exit, stdout, stderr } = await controller.run(
    'apply --yes --accept-new-host-keys --allow-other-state',
  )
  assert.equal(exit, 0, stdout + stderr)
  const after = await epochs()
  for (const [index, epoch] of after.entries()) assert.ok(epoch > (before[index] ?? 0))
  assert.ok(Math.max(...after) <= Math.max(...before) + 1, `${before.join()} -> ${after.join()}`)
})
