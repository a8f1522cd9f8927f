/**
 * Two images that are built here once each, on virtual Pis: carried through SSH with the lab's registry
 * switched off, rolled out, and back without anything but what is on the devices; then pushed to the
 * registry and signed for devices that take nothing unsigned. Needs root on Debian. The tests build on
 * each other, in this order.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stopDaemon } from '@timeball/lab/pis/daemon.ts'
import { guideDevices, registryHost } from '@timeball/lab/pis/devices.ts'
import { minbaseImage, serverBaseImage } from '@timeball/lab/pis/images.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { registryDaemon, startRegistry } from '@timeball/lab/pis/registry.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { timeball, type Ended } from './command-line.ts'
import { containers, endOf, fleetInAHurry, onDevice } from './rollout-fleet.ts'

const paths = labPaths(process.env)
const everyone = guideDevices.map(({ name }) => name)
/** Two devices prove what is about the image and not about the fleet. */
const followers = everyone.filter((name) => name.startsWith('pi-ntp'))
const platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64'
const local = (version: string): string => `localhost/mcp-utc-time-server:${version}`
let folder = ''
let base = ''
let withoutImage = ''

function run(...args: readonly string[]): Promise<Ended> {
  const environment = { DOCKER_HOST: `unix://${paths.socket}`, DOCKER_BUILDKIT: '0' }
  return timeball([...args, '-i', join(folder, 'inventory.yml')], { environment })
}

async function done(...args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await run(...args)
  assert.equal(exit, 0, `${args.join(' ')}\n${stdout}\n${stderr}`)
  return stdout
}

/** Returns its digest. */
async function build(version: string, ...how: readonly string[]): Promise<string> {
  const what = ['--platform', platform, '--tag', local(version), ...how]
  const built = await done('image', 'build', ...what)
  return /sha256:[0-9a-f]{64}/.exec(built)?.[0] ?? ''
}

async function assertRun(names: readonly string[], image: string): Promise<void> {
  const running = await containers()
  assert.deepEqual(
    names.map((name) => running.get(name)?.image),
    names.map(() => image),
  )
}

const carried = (digest: string): string =>
  `localhost/mcp-utc-time-server:${digest.replace(':', '-')}`

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
    withoutImage = readFileSync(settings, 'utf8').replace(/^image:\n(?: .*\n)*/m, '')
    writeFileSync(settings, withoutImage)
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

let first = ''
let second = ''

test('an image that is built here goes to all devices, and keeps its own name there', async () => {
  first = await build('0.1.0', '--base', base)
  await done('image', 'verify', '--only', 'version,contract,sbom,provenance')
  await done('apply', '--yes')
  await assertRun(everyone, carried(first))
  for (const device of guideDevices) {
    assert.doesNotMatch(await onDevice(device, 'docker image ls --digests'), /127\.0\.0\.1/)
  }
  assert.match(await done('plan'), /^No changes/m)
  assert.match(
    await done('image', 'list', '--devices'),
    /\(4\) +✓ runs +1 .*localhost\/mcp-utc-time-server:0\.1\.0 \(/,
  )
})

test('a rollout carries the next one, and back needs neither registry nor folder', async () => {
  second = await build('0.2.0', '--base', base)
  await rollOut(local('0.2.0'), carried(second))
  const images = join(folder, '.timeball', 'images')
  renameSync(images, `${images}.away`)
  const back = await run('rollout', 'rollback', '--json')
  renameSync(`${images}.away`, images)
  assert.equal(endOf(back).end, 'rolled_back', `${back.stdout}\n${back.stderr}`)
  await assertRun(everyone, carried(first))
})

async function rollOut(image: string, onDevices: string): Promise<void> {
  const words = ['--yes', '--json', '--limit', 'stratum2', '--image', image]
  const moved = await run('rollout', 'start', ...words)
  assert.equal(endOf(moved).end, 'done', `${moved.stdout}\n${moved.stderr}`)
  await assertRun(followers, onDevices)
}

test('a device builds with its own Docker, and keeps nothing of it but layers', async () => {
  const [builder] = guideDevices
  assert.ok(builder !== undefined)
  // The image that it runs stands on all that is needed. There is no Docker here.
  const words = ['--base', carried(first), '--platform', platform, '--tag', local('0.3.0')]
  const args = ['image', 'build', '--on', builder.name, ...words]
  const environment = { DOCKER_HOST: 'unix:///nonexistent' }
  const inventory = ['-i', join(folder, 'inventory.yml')]
  const built = await timeball([...args, ...inventory], { environment })
  assert.equal(built.exit, 0, built.stderr)
  assert.match(built.stderr, new RegExp(`building ${platform} on ${builder.name} with Docker`))
  const shown = await done('image', 'inspect', local('0.3.0'))
  assert.match(shown, /^Version +0\.3\.0\nDevice contract +1$/m)
  assert.doesNotMatch(await onDevice(builder, 'docker image ls'), /timeball-build/)
})

test('no device sees an image before a key of the fleet has signed it', async () => {
  await startRegistry(paths)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const key = join(folder, 'sign.key')
  writeFileSync(key, secret, { mode: 0o600 })
  writeFileSync(join(folder, 'sign.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const name = `${registryHost}/signed/mcp-utc-time-server:0.2.0`
  const image = `{ ref: "${name}", plain_http: true, signature_keys: [sign.pub] }`
  writeFileSync(join(folder, 'fleet.yaml'), `${withoutImage}image: ${image}\n`)
  const pushed = await done('image', 'push', name, '--image', local('0.2.0'))
  assert.ok(pushed.startsWith(`${name}  ${second}\n`), pushed)
  for (const words of [['apply'], ['rollout', 'start']]) {
    const refused = await run(...words, '--yes', '--limit', 'stratum2')
    assert.notEqual(refused.exit, 0)
    assert.match(refused.stdout + refused.stderr, /is not signed/)
  }
  assert.equal((await run('image', 'verify', '--only', 'signature')).exit, 5)
  await assertRun(everyone, carried(first))
  await done('image', 'sign', name, '--key', key)
  await done('image', 'verify', '--only', 'signature,version,contract,sbom,provenance')
  await rollOut(name, `${name.replace(/:[^:]*$/, '')}@${second}`)
})
