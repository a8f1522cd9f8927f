/** What a device says of the fleet's operations changes nothing for another device. */
import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
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
  Promise.all(names.map(async (name) => Number(await readFile(epochFile(name), 'utf8'))))

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

test('a lost store goes on from the number that most devices have seen', async () => {
  const before = await epochs()
  await change()
  await rm(state, { recursive: true })
  const { exit, stdout, stderr } = await controller.run('apply --yes --accept-new-host-keys')
  assert.equal(exit, 0, stdout + stderr)
  const after = await epochs()
  for (const [index, epoch] of after.entries()) assert.ok(epoch > (before[index] ?? 0))
  assert.ok(Math.max(...after) <= Math.max(...before) + 1, `${before.join()} -> ${after.join()}`)
})
