/**
 * An image that is built here and carried to virtual Pis through SSH, with the lab's registry
 * switched off: build, apply, a rollout, and back without anything but what is on the devices. Needs
 * root on Debian. The tests build on each other, in this order.
 */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stopDaemon } from '@timeball/lab/pis/daemon.ts'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { minbaseImage, serverBaseImage } from '@timeball/lab/pis/images.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { piContainer } from '@timeball/lab/pis/pi-container.ts'
import { registryDaemon } from '@timeball/lab/pis/registry.ts'
import { must } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { timeball, type Ended } from './command-line.ts'
import { containers, endOf, fleetInAHurry, onDevice } from './rollout-fleet.ts'

const paths = labPaths(process.env)
const everyone = guideDevices.map(({ name }) => name)
const platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64'
let folder = ''
let base = ''

function run(...args: readonly string[]): Promise<Ended> {
  const environment = { DOCKER_HOST: `unix://${paths.socket}`, DOCKER_BUILDKIT: '0' }
  return timeball([...args, '-i', join(folder, 'inventory.yml')], { environment })
}

async function build(...args: readonly string[]): Promise<string> {
  const built = await run('image', 'build', '--base', base, '--platform', platform, ...args)
  assert.equal(built.exit, 0, built.stderr)
  return /sha256:(?<hex>[0-9a-f]{64})/.exec(built.stdout)?.groups?.['hex'] ?? ''
}

async function assertAllRun(hex: string): Promise<void> {
  const image = `localhost/mcp-utc-time-server:sha256-${hex}`
  const running = [...(await containers()).values()].map((each) => each.image)
  assert.deepEqual(
    running,
    everyone.map(() => image),
  )
}

before(
  async () => {
    // A lab that ran before may be in any state: these tests begin with nothing.
    await labDown({ onProgress: () => {}, purge: 'no' })
    const up = await labUp({ hosts: 0, onProgress: () => {}, serverImages: 'no' })
    assert.ok(up.ok, up.ok ? '' : up.failure.detail)
    base = (await serverBaseImage(paths, (await minbaseImage(paths)).ref)).ref
    await stopDaemon(registryDaemon(paths))
    folder = fleetInAHurry()
    const settings = join(folder, 'fleet.yaml')
    const withRegistry = readFileSync(settings, 'utf8')
    writeFileSync(settings, withRegistry.replace(/^image:\n(?: .*\n)*/m, ''))
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

let first = ''

test('an image that is built here goes to all devices, and keeps its own name there', async () => {
  first = await build()
  const applied = await run('apply', '--yes')
  assert.equal(applied.exit, 0, `${applied.stdout}\n${applied.stderr}`)
  await assertAllRun(first)
  for (const device of guideDevices) {
    assert.doesNotMatch(await onDevice(device, 'docker image ls --digests'), /127\.0\.0\.1/)
  }
  const again = await run('plan')
  assert.match(again.stdout, /^No changes/m, again.stderr)
  const held = await run('image', 'list', '--devices')
  assert.match(
    held.stdout,
    /\(4\) +✓ runs +1 .*localhost\/mcp-utc-time-server:0\.1\.0 \(/,
    held.stderr,
  )
})

test('a rollout carries the next one, and back needs neither registry nor folder', async () => {
  const second = await build('--tag', 'mcp-utc-time-server:0.2.0')
  const image = 'localhost/mcp-utc-time-server:0.2.0'
  const moved = await run('rollout', 'start', '--yes', '--json', '--image', image)
  assert.equal(moved.exit, 0, `${moved.stdout}\n${moved.stderr}`)
  assert.equal(endOf(moved).end, 'done')
  await assertAllRun(second)
  rmSync(join(folder, '.timeball', 'images'), { recursive: true })
  const back = await run('rollout', 'rollback', '--json')
  assert.equal(endOf(back).end, 'rolled_back', `${back.stdout}\n${back.stderr}`)
  await assertAllRun(first)
})

test('a device builds with its own Docker, and keeps nothing of it but layers', async () => {
  const [builder] = guideDevices
  assert.ok(builder !== undefined)
  const outer = `docker -H unix://${paths.socket}`
  const load = `${outer} save ${base} | ${outer} exec -i ${piContainer(builder)} docker load -q`
  await must(['sh', '-c', load])
  const words = ['--base', base, '--platform', platform, '--tag', 'mcp-utc-time-server:0.3.0']
  // There is no Docker here.
  const args = ['image', 'build', '--on', builder.name, ...words]
  const environment = { DOCKER_HOST: 'unix:///nonexistent' }
  const inventory = ['-i', join(folder, 'inventory.yml')]
  const built = await timeball([...args, ...inventory], { environment })
  assert.equal(built.exit, 0, built.stderr)
  assert.match(built.stderr, new RegExp(`building ${platform} on ${builder.name} with Docker`))
  const shown = await run('image', 'inspect', 'localhost/mcp-utc-time-server:0.3.0')
  assert.match(shown.stdout, /^Version +0\.3\.0\nDevice contract +1$/m)
  assert.doesNotMatch(await onDevice(builder, 'docker image ls'), /timeball-build/)
})
