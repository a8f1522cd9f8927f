/** Backups of simulated devices and of their controller, and what comes back of them. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, type Ended } from './controller.ts'

const identity = await generateX25519Identity()
const embedded = await temporaryFleet()
const folder = dirname(embedded.fleetYamlPath)
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }
backup: { recipients: [${await identityToRecipient(identity)}], identity: true }
`,
)
const environment = { TIMEBALL_AGE_IDENTITY: identity }
const run = (words: string): Promise<Ended> => controller.run(words, { environment })
const names = ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01', 'pi-ntp-02']
const clock = 'var/lib/docker/volumes/mcp-utc-time-server_ntp-state/_data'

async function put(device: string, path: string, text: string): Promise<void> {
  const file = join(embedded.device(device).root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

test('backups that nobody could read are not made', async () => {
  const recipient = await identityToRecipient(identity)
  for (const [wrong, said] of [
    ['', /^\(command line\): backup\.recipients is empty/],
    [recipient.slice(0, -1), /^\S*fleet\.yaml:\d+:\d+: .*recipients.*age1/],
  ] as const) {
    await controller.edit('settings', recipient, wrong)
    const { exit, stderr } = await run('backup run')
    assert.equal(exit, 64)
    assert.match(stderr, said)
    await controller.edit('settings', `recipients: [${wrong}]`, `recipients: [${recipient}]`)
  }
})

test('a device that was never applied has no backup, and the reason is said', async () => {
  const { exit, stderr } = await run('backup run pi-ntp-02')
  assert.equal(exit, 3, stderr)
  assert.match(stderr, /pi-ntp-02: no backup was made: .*was it ever applied/)
  assert.match((await run('backup list')).stderr, /has nothing; timeball backup run/)
  assert.match(
    (await run('backup drill pi-ntp-02')).stdout,
    /^- +pi-ntp-02 +- +- +it has no backup/m,
  )
})

test('every device is backed up, and the controller', async () => {
  assert.equal((await run('apply --yes')).exit, 0)
  for (const name of names) {
    await put(name, `${clock}/ntp.drift`, `-7.${name.length}\n`)
    await put(name, 'etc/ssh/ssh_host_ed25519_key', `secret of ${name}\n`)
  }
  const { exit, stdout, stderr } = await run('backup run')
  assert.equal(exit, 0, stdout + stderr)
  for (const name of [...names, 'controller']) assert.match(stdout, new RegExp(`  ${name}  `))
  assert.match(stderr, /one recipient/)
})

test('a backup has what makes the device, and says what it has not', async () => {
  const { stdout } = await run('backup show pi-gps-01')
  const wanted = [
    ...['opt/mcp-utc-time-server/.env', 'opt/mcp-utc-time-server/docker-compose.rpi.yml'],
    ...[`${clock}/ntp.drift`, 'etc/ssh/ssh_host_ed25519_key', 'etc/default/gpsd'],
    ...['boot/firmware/config.txt', 'var/lib/timeball/current', 'timeball/packages'],
  ]
  for (const path of wanted) assert.ok(stdout.includes(` ${path}`), `${path}\n${stdout}`)
  assert.match(stdout, /0600 .*opt\/mcp-utc-time-server\/\.env/)
  assert.match(stdout, /left out: images: apply fetches them/)
  const { stdout: own } = await run('backup show controller')
  for (const path of ['fleet.yaml', 'inventory.yml', '.timeball/state.db']) {
    assert.ok(own.includes(` ${path}`), `${path}\n${own}`)
  }
})

test('nothing that is kept has a key in clear', async () => {
  const repository = join(folder, 'backups')
  const entries = await readdir(repository, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((each) => each.isFile())) {
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1')
    assert.doesNotMatch(text, /canary-|secret of|API_KEY/)
  }
})

test('two backups differ in what was changed between them', async () => {
  const before = /^(\S+) +pi-ntp-01 /m.exec((await run('backup list')).stdout)?.[1] ?? ''
  await put('pi-ntp-01', `${clock}/ntp.drift`, '-8.1\n')
  assert.equal((await run('backup run pi-ntp-01')).exit, 0)
  const { stdout } = await run(`backup diff ${before} pi-ntp-01`)
  assert.match(stdout, /^~ var\/lib\/docker.*ntp\.drift$/m)
  assert.doesNotMatch(stdout, /\.env|compose/)
})

test('a device that is away is named, the others are backed up', async () => {
  await embedded.device('pi-ntp-02').powerOff()
  await controller.forgetConnections()
  const { exit, stdout, stderr } = await run('backup run --json')
  assert.equal(exit, 3, stderr)
  const last = stdout.split('\n').at(-1) ?? ''
  assert.match(last, /"failed":\["pi-ntp-02"\]/)
  assert.equal(stdout.match(/"type":"backup",.*"failure":null/g)?.length, 4, stdout)
  await embedded.device('pi-ntp-02').powerOn()
})

test('health says which restores nobody has tried', async () => {
  const { stderr } = await run('health')
  assert.match(stderr, /a restore of pi-gps-\[01-02\], .* was not rehearsed in 35 d/)
  assert.doesNotMatch(stderr, /no good backup/)
})

test('health tells how old backups and drills are, in a line and of each device', async () => {
  const { stdout } = await run('health')
  assert.match(stdout, /^Backups: 4 of 4 have a good one, .* old; no restore was rehearsed$/m)
  const records = await run('health --json')
  const ages = /"last_backup_unix_ms":\d+,"last_drill_unix_ms":null/g
  assert.equal(records.stdout.match(ages)?.length, 4, records.stdout)
})

test('a drill finds what a restore needs, and is remembered for the metrics', async () => {
  const { exit, stdout, stderr } = await run('backup drill')
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stderr, /4 of 4 could be restored/)
  const memory = JSON.parse(await readFile(join(folder, '.timeball/backups.json'), 'utf8'))
  assert.deepEqual(Object.keys(memory.drill_unix_ms).toSorted(), names)
  assert.deepEqual(Object.keys(memory.good_unix_ms).toSorted(), ['controller', ...names])
  const without = await controller.run('backup drill pi-ntp-01', { environment: { HOME: folder } })
  assert.equal(without.exit, 3)
  assert.match(without.stdout, /age identity cannot be read/)
})

test('a drill boots a backup beside what runs on a device, asks it for time, and leaves nothing', async () => {
  const host = embedded.device('pi-ntp-02')
  const before = await readdir(join(host.root, 'run'))
  const { exit, stdout, stderr } = await run('backup drill pi-gps-01 --boot-on pi-ntp-02 --json')
  assert.equal(exit, 0, stdout + stderr)
  const boot = stdout
    .split('\n')
    .map((line) => JSON.parse(line))
    .find(({ type }) => type === 'backup_boot')
  assert.equal(boot.host, 'pi-ntp-02', stdout)
  assert.equal(boot.version, '1.0.0')
  assert.ok(Math.abs(boot.offset_seconds) < 1 && boot.stratum < 16, stdout)
  assert.deepEqual(await readdir(join(host.root, 'run')), before)
  assert.doesNotMatch((await run('ps pi-ntp-02')).stdout, /timeball-drill/)
})

test('whoever can write to the repository does not choose what a device runs', async () => {
  const [repository = ''] = embeddedImages.first.ref.split(/@|:[^/]*$/)
  await controller.edit('settings', `image: ${repository}`, `image: ${repository}-of-others`)
  const { exit, stdout } = await run('backup drill pi-gps-01 --boot-on pi-ntp-02')
  await controller.edit('settings', `image: ${repository}-of-others`, `image: ${repository}`)
  assert.equal(exit, 3, stdout)
  assert.match(stdout, /its image .* is not run: it is no release of /)
  const unknown = await run('backup drill --boot-on nobody')
  assert.equal(unknown.exit, 64)
  assert.match(unknown.stderr, /--boot-on nobody: there is no such device/)
})

/** An object that a backup needs: what was abandoned has some that none does. */
async function oneObject(): Promise<string> {
  const backups = join(folder, 'backups/backups/pi-gps-01')
  const [newest = ''] = await readdir(backups)
  const { objects } = JSON.parse(await readFile(join(backups, newest), 'utf8'))
  const name = String(objects[0])
  return join(folder, 'backups/objects', name.slice(0, 2), name)
}

test('all are good, and one changed bit is told with the backups that it costs', async () => {
  const good = await run('backup verify --read-data')
  assert.equal(good.exit, 0, good.stderr)
  assert.match(good.stderr, /(\d+) of \1 are good, .* of data read/)
  const object = await oneObject()
  const before = await readFile(object)
  await writeFile(
    object,
    Buffer.concat([before.subarray(0, -1), Uint8Array.of((before.at(-1) ?? 0) ^ 1)]),
  )
  const { exit, stdout } = await run('backup verify --read-data')
  assert.equal(exit, 1)
  assert.match(stdout, /an object of it has changed/)
  await writeFile(object, before)
})

test('so many checks with --rotate read all', async () => {
  await controller.edit('settings', 'identity: true', 'identity: true, read_data_parts: 3')
  const object = await oneObject()
  const before = await readFile(object)
  await writeFile(object, 'rotten')
  const withoutIdentity = (): Promise<Ended> =>
    controller.run('backup verify --rotate', { environment: { HOME: folder } })
  const ends = [await withoutIdentity(), await withoutIdentity(), await withoutIdentity()]
  assert.deepEqual(
    ends.map(({ exit }) => exit).toSorted((one, other) => one - other),
    [0, 0, 1],
  )
  assert.match(ends[0]?.stderr ?? '', /none was opened: the age identity cannot be read/)
  await writeFile(object, before)
})

test('prune keeps what the settings say, and never takes the last good one', async () => {
  await controller.edit(
    'settings',
    'identity: true',
    'identity: true, keep: { last: 1, daily: 0, weekly: 0, monthly: 0 }',
  )
  const asked = await run('backup prune')
  assert.equal(asked.exit, 64)
  const { exit, stdout, stderr } = await run('backup prune --yes')
  assert.equal(exit, 0, stderr)
  assert.match(stdout, /pi-ntp-01/)
  assert.match(stderr, /5 removed, 5 kept/)
  assert.equal((await run('backup verify --read-data')).exit, 0)
  assert.match((await run('backup prune --yes')).stderr, /0 removed, 5 kept/)
})
