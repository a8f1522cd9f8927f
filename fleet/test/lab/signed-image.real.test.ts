/**
 * An image that is built here, pushed to the lab's registry and signed with a key, on virtual Pis
 * that take nothing unsigned: apply, a rollout, and the rollback. Needs root on Debian. The tests
 * build on each other, in this order.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices, registryHost } from '@timeball/lab/pis/devices.ts'
import { minbaseImage, serverBaseImage } from '@timeball/lab/pis/images.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { timeball, type Ended } from './command-line.ts'
import { containers, endOf, fleetInAHurry } from './rollout-fleet.ts'

const paths = labPaths(process.env)
const platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64'
const repository = `${registryHost}/signed/mcp-utc-time-server`
let folder = ''
let base = ''

function run(...args: readonly string[]): Promise<Ended> {
  const environment = { DOCKER_HOST: `unix://${paths.socket}`, DOCKER_BUILDKIT: '0' }
  return timeball([...args, '-i', join(folder, 'inventory.yml')], { environment })
}

async function done(...args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await run(...args)
  assert.equal(exit, 0, `${args.join(' ')}\n${stdout}\n${stderr}`)
  return stdout
}

/** In the registry alone; returns its digest. */
async function publish(version: string): Promise<string> {
  const local = `localhost/mcp-utc-time-server:${version}`
  const what = ['--base', base, '--platform', platform, '--tag', local]
  const built = await done('image', 'build', ...what)
  const digest = /sha256:[0-9a-f]{64}/.exec(built)?.[0] ?? ''
  const pushed = await done('image', 'push', `${repository}:${version}`, '--image', local)
  assert.ok(pushed.startsWith(`${repository}:${version}  ${digest}\n`), pushed)
  return digest
}

async function assertAllRun(digest: string): Promise<void> {
  const running = [...(await containers()).values()].map(({ image }) => image)
  assert.deepEqual(
    running,
    guideDevices.map(() => `${repository}@${digest}`),
  )
}

before(
  async () => {
    await labDown({ onProgress: () => {}, purge: 'no' })
    const up = await labUp({ hosts: 0, onProgress: () => {}, serverImages: 'no' })
    assert.ok(up.ok, up.ok ? '' : up.failure.detail)
    base = (await serverBaseImage(paths, (await minbaseImage(paths)).ref)).ref
    folder = fleetInAHurry()
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(join(folder, 'sign.key'), secret, { mode: 0o600 })
    writeFileSync(join(folder, 'sign.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
    const settings = join(folder, 'fleet.yaml')
    const image = `{ ref: "${repository}:0.1.0", plain_http: true, signature_keys: [sign.pub] }`
    const guide = readFileSync(settings, 'utf8')
    writeFileSync(settings, guide.replace(/^image:\n(?: .*\n)*/m, `image: ${image}\n`))
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

let first = ''

test('no device sees an image before a key of the fleet has signed it', async () => {
  first = await publish('0.1.0')
  const refused = await run('apply', '--yes')
  assert.notEqual(refused.exit, 0)
  assert.match(refused.stdout + refused.stderr, /is not signed/)
  assert.equal((await run('image', 'verify', '--only', 'signature')).exit, 5)
  await done('image', 'sign', `${repository}:0.1.0`, '--key', join(folder, 'sign.key'))
  await done('image', 'verify', '--only', 'signature,version,contract')
  await done('apply', '--yes')
  await assertAllRun(first)
})

test('the next one is rolled out when it is signed, and rolled back', async () => {
  const second = await publish('0.2.0')
  const image = ['--image', `${repository}:0.2.0`]
  const early = await run('rollout', 'start', '--yes', ...image)
  assert.notEqual(early.exit, 0)
  await assertAllRun(first)
  await done('image', 'sign', `${repository}:0.2.0`, '--key', join(folder, 'sign.key'))
  const moved = await run('rollout', 'start', '--yes', '--json', ...image)
  assert.equal(endOf(moved).end, 'done', `${moved.stdout}\n${moved.stderr}`)
  await assertAllRun(second)
  const back = await run('rollout', 'rollback', '--json')
  assert.equal(endOf(back).end, 'rolled_back', `${back.stdout}\n${back.stderr}`)
  await assertAllRun(first)
})
