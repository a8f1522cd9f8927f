/**
 * Rollouts on virtual Pis with real systemd, sshd, Docker, gpsd and ntpd: a good image, three bad
 * ones, a cut cable, and a runner that is killed again and again. Needs root on Debian. The tests
 * build on each other, in this order.
 */
import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { gatewayAddress, guideDevices, registryAddress } from '@timeball/lab/pis/devices.ts'
import { waitFor } from '@timeball/lab/pis/run.ts'
import { timeball, type Ended, type RunOptions } from './command-line.ts'
import {
  byDigest,
  askFrom,
  cable,
  changeSetting,
  containers,
  endOf,
  imageCalled,
  labInAHurry,
  linesOf,
  onDevice,
  pendingDevices,
  type Line,
} from './rollout-fleet.ts'
import { assertQuorumKept, whileWatched } from './rollout-watch.ts'

const everyone = guideDevices.map(({ name }) => name)
const lab = labInAHurry()

function start(
  version: string,
  args: readonly string[] = [],
  options?: RunOptions,
): Promise<Ended> {
  return lab.rollout('start', ['--yes', '--image', imageCalled(version), ...args], options)
}

test('a good image goes all the way, and good time is served at every instant', async (context) => {
  const { value: ended, rounds } = await whileWatched(() => start('1.1.0'))
  assert.equal(ended.exit, 0, `${ended.stdout}\n${ended.stderr}`)
  const { devices, result } = endOf(ended)
  assert.equal(result.result, 'done')
  assert.deepEqual(
    devices.map(({ device, phase }) => `${device} ${phase}`).toSorted(),
    everyone.map((name) => `${name} healthy`),
  )
  for (const { device, downtime_seconds: gap } of devices) {
    context.diagnostic(`${device}: ${gap} s without a good answer`)
    assert.ok(gap !== null && gap < 30, device)
  }
  await assertAllRun('1.1.0')
  assertQuorumKept(rounds)
  const health = await timeball(['health', '-i', join(lab.folder, 'inventory.yml')])
  assert.equal(health.exit, 0, health.stdout)
})

async function assertAllRun(version: string): Promise<void> {
  const wanted = byDigest(lab.images, version)
  const running = [...(await containers())].map(([name, { image }]) => [name, image])
  assert.deepEqual(
    running,
    everyone.map((name) => [name, wanted]),
  )
  assert.deepEqual(await pendingDevices(), [])
}

const badImages = [
  { version: 'unsynchronised', what: 'never gets in step', why: /not healthy after/ },
  { version: 'soak-failing', what: 'is healthy first and then hangs', why: /failed in the soak/ },
  { version: 'shifted', what: 'serves a clock 50 ms off', why: /off by \+\d+\.?\d* ms/ },
]
for (const { version, what, why } of badImages) {
  test(`an image that ${what} is caught at the first canary and taken back`, async () => {
    const earlier = await containers()
    const { value: ended, rounds } = await whileWatched(() => start(version))
    assert.equal(ended.exit, 5, `${ended.stdout}\n${ended.stderr}`)
    const { devices, result } = endOf(ended)
    assert.equal(result.result, 'rolled_back')
    assert.equal(result.touched, 1)
    const touched = devices.filter(({ phase }) => phase !== 'not-reached')
    assert.deepEqual(
      touched.map(({ device, phase }) => `${device} ${phase}`),
      ['pi-ntp-01 returned'],
    )
    assert.match(touched[0]?.why ?? '', why)
    const later = await containers()
    assert.equal(later.get('pi-ntp-01')?.image, earlier.get('pi-ntp-01')?.image)
    for (const name of everyone.filter((each) => each !== 'pi-ntp-01')) {
      assert.equal(later.get(name)?.id, earlier.get(name)?.id, name)
    }
    assertQuorumKept(rounds)
  })
}

test('a release that was taken back is blocked until somebody unblocks it', async () => {
  const refused = await start('shifted')
  assert.equal(refused.exit, 6, refused.stdout)
  assert.match(refused.stderr, /blocked.*because rollout .* was rolled back/)
  const unblocked = await lab.rollout('unblock', [])
  assert.notEqual(unblocked.exit, 0, 'three are blocked: which one must be said')
  const digest = /rollout unblock ([0-9a-f]+)/.exec(refused.stderr)?.[1] ?? ''
  assert.equal((await lab.rollout('unblock', [digest])).exit, 0)
  assert.equal((await start('shifted', ['--dry-run'])).exit, 0)
})

test('a cable that is cut in mid-wave leaves whole devices, once it is mended', async (context) => {
  changeSetting(lab.folder, 'count: 1', 'count: 0')
  const earlier = await containers()
  const cut: Promise<void>[] = []
  const onOutput = (text: string): void => {
    const line: Line = JSON.parse(text)
    if (line.event === 'move-intended' && line.device === 'pi-ntp-02') cut.push(cutInMidChange())
  }
  const { value: ended, rounds } = await whileWatched(async () => {
    const first = await start('1.0.1', ['--limit', 'stratum2'], { onOutput })
    await Promise.all(cut)
    assert.equal(cut.length, 1, first.stderr)
    context.diagnostic(`it ended as ${endOf(first).end}`)
    const isRepaired = ['done', 'rolled_back'].includes(endOf(first).end ?? '')
    return isRepaired ? first : await lab.rollout('resume', [])
  })
  const { devices, end } = endOf(ended)
  context.diagnostic(`in the end ${end}`)
  assert.ok(end === 'done' || end === 'rolled_back', ended.stdout)
  assert.deepEqual(await pendingDevices(), [])
  const running = await containers()
  for (const { device, phase } of devices) {
    context.diagnostic(`${device} ${phase}`)
    assert.ok(phase === 'healthy' || phase === 'returned', phase)
    const wanted = phase === 'healthy' ? byDigest(lab.images, '1.0.1') : earlier.get(device)?.image
    assert.equal(running.get(device)?.image, wanted, `${device} is ${phase}`)
  }
  assertQuorumKept(rounds)
})

/** After the change has begun, until the device has reverted by itself. */
async function cutInMidChange(): Promise<void> {
  const device = { name: 'pi-ntp-02' }
  const isPending = async (): Promise<boolean> => (await pendingDevices()).includes(device.name)
  await waitFor('a change that waits for its confirmation', 30_000, isPending)
  await cable(device.name, 'down')
  try {
    await waitFor('the device to go back', 60_000, async () => !(await isPending()))
    // It reverted, and was not confirmed after all.
    await onDevice(device, 'test -e /var/lib/timeball/recovered')
  } finally {
    await cable(device.name, 'up')
  }
}

/** The nightly run has the time for more. */
const kills = process.env['NIGHTLY'] === undefined ? 15 : 50

test(`a runner that is killed ${kills} times brings every rollout to its end`, async (context) => {
  // A soak begins anew with every runner, and none of these lives for long.
  changeSetting(lab.folder, 'min_healthy_time: 5s', 'min_healthy_time: 0s')
  const { rounds } = await whileWatched(async () => {
    const versions = ['1.0.0', '1.0.1'] as const
    let rollouts = 0
    let isOpen = false
    for (let count = 0; count < kills;) {
      const version = versions[rollouts % 2] ?? ''
      await askFrom(count % 2 === 0 ? gatewayAddress : registryAddress)
      const ended = await killed((options) =>
        isOpen ? lab.rollout('resume', [], options) : start(version, [], options),
      )
      isOpen = ended.exit === null
      if (isOpen) count += 1
      else {
        await assertWholeAt(version, ended)
        rollouts += 1
      }
    }
    context.diagnostic(`${rollouts} rollouts came to their end under it`)
    if (isOpen) await assertWholeAt(versions[rollouts % 2] ?? '', await lab.rollout('resume', []))
  })
  assertQuorumKept(rounds)
})

/** `ended`: the command that found it so, for the message. */
async function assertWholeAt(version: string, ended: Ended): Promise<void> {
  const shown = await lab.rollout('show', [])
  const text = `${ended.stdout}\n${ended.stderr}\n${shown.stdout}`
  assert.equal(endOf(await lab.rollout('status', [])).end, 'done', text)
  const moves = linesOf(shown).flatMap(({ event, device = '' }) =>
    event === 'moved' ? [device] : [],
  )
  assert.deepEqual(moves, [...new Set(moves)], `each device was moved once:\n${text}`)
  await assertAllRun(version)
}

/** SIGKILL at a random instant after the command has written to its journal for the first time. */
async function killed(run: (options: RunOptions) => Promise<Ended>): Promise<Ended> {
  const kill = new AbortController()
  const afterMs = 300 + Math.random() * 2_700
  let timer: NodeJS.Timeout | null = null
  const ended = await run({
    kill: kill.signal,
    onOutput(text) {
      const line: Line = JSON.parse(text)
      if (line.type === 'event') timer ??= setTimeout(() => kill.abort(), afterMs)
    },
  })
  if (timer !== null) clearTimeout(timer)
  return ended
}

test('a controller that is lost in a paused rollout is restored, and goes on with it', async () => {
  const identity = await generateX25519Identity()
  const settings = join(lab.folder, 'fleet.yaml')
  const recipient = await identityToRecipient(identity)
  appendFileSync(settings, `backup: { recipients: [${recipient}] }\n`)
  const environment = { TIMEBALL_AGE_IDENTITY: identity }
  const run = async (words: string): Promise<Ended> => {
    const ended = await timeball([...words.split(' '), '-i', inventoryOf()], { environment })
    assert.equal(ended.exit, 0, `${words}: ${ended.stdout}\n${ended.stderr}`)
    return ended
  }
  const pausing: Promise<Ended>[] = []
  await start('1.1.0', [], {
    onOutput(text) {
      const line: Line = JSON.parse(text)
      const isFirst = line.event === 'healthy' && pausing.length === 0
      if (isFirst) pausing.push(lab.rollout('pause', []))
    },
  })
  assert.equal(pausing.length, 1)
  assert.match((await run('rollout status')).stdout, /: paused/)
  await run('backup run')
  // What the devices have seen since then is in no backup.
  await run('reseat pi-ntp-02 --yes')
  for (const end of ['', '-wal', '-shm']) rmSync(`${stateOf()}${end}`, { force: true })
  await run('backup restore controller --yes --state-only')
  assert.match((await run('rollout status')).stdout, /: paused/)
  await run('rollout resume --yes')
  await assertAllRun('1.1.0')
})

function inventoryOf(): string {
  return join(lab.folder, 'inventory.yml')
}

function stateOf(): string {
  return join(lab.folder, '.timeball/state.db')
}
