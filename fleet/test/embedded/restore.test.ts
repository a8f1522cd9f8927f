/** A device whose card is destroyed is restored to a blank one by one command. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { canary, controllerOf, type Ended, type Hooks } from './controller.ts'

const identity = await generateX25519Identity()
const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }
backup: { recipients: [${await identityToRecipient(identity)}] }
`,
)
const run = (words: string, hooks: Hooks = {}): Promise<Ended> =>
  controller.run(words, {
    ...hooks,
    environment: { TIMEBALL_AGE_IDENTITY: identity, ...hooks.environment },
  })
const lost = 'pi-ntp-01'
const { root } = embedded.device(lost)
const drift = 'var/lib/docker/volumes/mcp-utc-time-server_ntp-state/_data/ntp.drift'
const applied = ['opt/mcp-utc-time-server/.env', 'opt/mcp-utc-time-server/docker-compose.rpi.yml']

async function contents(): Promise<Record<string, string>> {
  const read = [...applied, drift].map(async (path): Promise<[string, string]> => {
    const { mode } = await stat(join(root, path))
    return [path, `${(mode & 0o777).toString(8)} ${await readFile(join(root, path), 'utf8')}`]
  })
  return Object.fromEntries(await Promise.all(read))
}

let before: Record<string, string> = {}
let fingerprint = ''

test('it was applied, has served, and is backed up', async () => {
  assert.equal((await run('apply --yes')).exit, 0)
  await mkdir(dirname(join(root, drift)), { recursive: true })
  await writeFile(join(root, drift), '-7.432\n')
  await writeFile(join(root, 'etc/hostname'), `${lost}\n`)
  before = await contents()
  assert.equal((await run('backup run')).exit, 0)
})

test('a new card has a new host key: what to compare is said, and nothing is done', async () => {
  const publicKey = await embedded.device(lost).newCard()
  await controller.forgetConnections()
  const said = spawnSync('ssh-keygen', ['-lf', '-'], { input: publicKey, encoding: 'utf8' })
  fingerprint = /SHA256:\S+/.exec(said.stdout)?.[0] ?? ''
  const { exit, stderr } = await run(`backup restore ${lost} --yes`)
  assert.equal(exit, 4, stderr)
  assert.ok(stderr.includes(`then add --host-key ${fingerprint}`), stderr)
  assert.match(stderr, /put back: ntp\.drift, hostname/)
  const wrong = await run(`backup restore ${lost} --yes --host-key SHA256:another`)
  assert.equal(wrong.exit, 4)
  assert.deepEqual(await readdir(join(root, 'opt')), [])
})

test('--dry-run shows what would be put back and applied, and changes nothing', async () => {
  const { stdout, stderr } = await run(`backup restore ${lost} --dry-run --host-key ${fingerprint}`)
  assert.match(stderr, /pi-ntp-01 from backup [0-9a-f]{16}, taken /)
  assert.match(stdout, /file:\/opt\/mcp-utc-time-server\/\.env|\+.*\.env/)
  assert.deepEqual(await readdir(join(root, 'opt')), [])
})

test('one command makes it what it was, and it serves good time', async () => {
  const { exit, stdout, stderr } = await run(`backup restore ${lost} --yes`)
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stderr, /pi-ntp-01: 2 files put back/)
  assert.deepEqual(await contents(), before)
  const health = await run(`health ${lost}`)
  assert.equal(health.exit, 0, health.stdout)
  assert.match((await run('plan')).stdout, /no changes|nothing to change/i)
})

test('keys are those of today, and what differs is said', async () => {
  const environment = { API_KEY_1: `${canary}-new` }
  await embedded.device(lost).newCard()
  await controller.forgetConnections()
  const first = await run(`backup restore ${lost} --yes`, { environment })
  const key = /--host-key (\S+)/.exec(first.stderr)?.[1] ?? ''
  const { exit, stderr } = await run(`backup restore ${lost} --yes --host-key ${key}`, {
    environment,
  })
  assert.equal(exit, 0, stderr)
  assert.match(stderr, /other than they were then: .*\.env/)
  assert.match(await readFile(join(root, applied[0] ?? ''), 'utf8'), new RegExp(`${canary}-new`))
})

test('another device that is at the address is left alone', async () => {
  const other = embedded.device('pi-ntp-02')
  await writeFile(join(other.root, 'etc/hostname'), 'pi-ntp-02\n')
  const to = `${other.address}:${other.sshPort}`
  const { exit, stderr } = await run(`backup restore ${lost} --yes --to ${to}`)
  assert.equal(exit, 64)
  assert.match(stderr, /is pi-ntp-02, which has generation \d+ of Timeball/)
})

test('a damaged backup is passed over for an older one', async () => {
  assert.equal((await run(`backup run ${lost}`)).exit, 0)
  const folder = join(dirname(embedded.fleetYamlPath), 'backups')
  const listed = (await readdir(join(folder, 'backups', lost))).toSorted()
  const { objects } = JSON.parse(
    await readFile(join(folder, 'backups', lost, listed.at(-1) ?? ''), 'utf8'),
  )
  const last = String(objects.at(-2))
  await rm(join(folder, 'objects', last.slice(0, 2), last))
  const older = await run(`backup restore ${lost} --dry-run`)
  assert.match(older.stderr, /is passed over: an object is missing/)
  assert.match(older.stderr, /pi-ntp-01 from backup/)
})

test('where there is no backup, no registry is asked', async () => {
  const image = `image: ${embeddedImages.first.ref}`
  await controller.edit('settings', image, 'image: 127.0.0.1:1/nobody/answers:1')
  const none = await run(`backup restore ${lost} --dry-run --at 2020-01-01T00:00Z`)
  assert.equal(none.exit, 64, none.stderr)
  assert.match(none.stderr, /no good backup of pi-ntp-01 until 2020-01-01/)
})
