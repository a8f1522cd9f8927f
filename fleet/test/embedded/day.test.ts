/** Commands of a day with a fleet, on an embedded one. */
import assert from 'node:assert/strict'
import { appendFile, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { recordSchema } from '../../src/api/records/records.ts'
import { runProgram, timeballProgram } from '../run-program.ts'
import { controllerOf } from './controller.ts'

const sources = ['pi-gps-01', 'pi-gps-02']
const embedded = await temporaryFleet({
  devices: [
    ...sources.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: sources },
  ],
})
const controller = await controllerOf(embedded)

test('status: a fleet that is well is a few lines', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await until('all are well', async () => (await controller.run('health')).exit === 0)
  const { exit, stdout } = await controller.run('status')
  assert.deepEqual(stdout.split('\n'), [
    'Fleet embedded: 3 devices, image registry.embedded/mcp-utc-time-server@sha256:111111111111…',
    'time     3 of 3 give good time',
    '         stratum1: 2 good now, at most 1 away at once, 1 must stay: ok',
    '         stratum2: 1 good now, at most 1 away at once, 0 must stay: ok',
    'trouble  none',
    'rollout  there was none yet',
  ])
  assert.equal(exit, 0)
})

test('status: who is down comes first, and what drifted is told by name', async () => {
  await embedded.device('pi-gps-02').powerOff()
  const environment = join(embedded.device('pi-ntp-01').root, 'opt/mcp-utc-time-server/.env')
  await appendFile(environment, 'X=1\n')
  const { exit, stdout } = await controller.run('status --json')
  assert.equal(exit, 5)
  const records = stdout.split('\n').map((line) => recordSchema.parse(JSON.parse(line)))
  const status = records.find((record) => record.type === 'fleet_status')
  assert.ok(status?.type === 'fleet_status')
  assert.equal(status.good, 2)
  assert.deepEqual(
    status.quorum.map(({ set, good, verdict }) => [set, good, verdict]),
    [
      ['stratum1', 1, 'tight'],
      ['stratum2', 1, 'ok'],
    ],
  )
  const { stdout: screen } = await controller.run('status')
  assert.match(screen, /^trouble +pi-gps-02 down: nothing listens on UDP /m)
  assert.match(screen, /^drift +pi-ntp-01 file:\/opt\/mcp-utc-time-server\/\.env/m)
  await embedded.device('pi-gps-02').powerOn()
})

test('drift: what was changed on a device, and since when', async () => {
  await until('it answers', async () => (await controller.run('ping')).exit === 0)
  const root = embedded.device('pi-ntp-01').root
  const at = new Date('2026-11-01T10:20:30Z')
  await utimes(join(root, 'opt/mcp-utc-time-server/.env'), at, at)
  const { exit, stdout } = await controller.run('drift --detailed-exitcode')
  const [first, second, ...rest] = stdout.split('\n')
  assert.equal(first, 'pi-ntp-01: changed on the device after the last apply')
  assert.match(
    second ?? '',
    /^ {2}file:\/opt\/mcp-utc-time-server\/\.env +differs, since 2026-11-01 10:20:30Z \(/,
  )
  assert.match(rest.at(-1) ?? '', /^2 of 3 up to date; .* timeball apply mends pi-ntp-01$/)
  assert.equal(exit, 2)
})

test('drift: files of the fleet that were changed and not applied are no doing of a device', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  assert.equal((await controller.run('drift')).stdout, 'No drift: 3 up to date.')
  await controller.edit('settings', 'apply:', 'health: { max_offset_ms: 90 }\napply:')
  const { exit, stdout } = await controller.run('drift --json')
  const found = stdout.split('\n').flatMap((line) => {
    const record = recordSchema.parse(JSON.parse(line))
    return record.type === 'drift' ? [record] : []
  })
  assert.deepEqual(new Set(found.map(({ cause }) => cause)), new Set(['fleet']))
  assert.deepEqual(new Set(found.map(({ since_unix_ms: since }) => since)), new Set([null]))
  assert.equal(exit, 0)
})

test('cp: a file to many devices, and back, each with its name', async () => {
  const folder = dirname(embedded.inventoryPath)
  const file = join(folder, 'from.bin')
  const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
  await writeFile(file, content, { mode: 0o640 })
  // Simulated devices share the file system of this machine.
  const far = join(folder, 'far.bin')
  const sent = await controller.run(`cp ${file} stratum1:${far}`)
  assert.equal(sent.stdout, `pi-gps-[01-02] (2): ${far}, 70000 bytes`)
  assert.deepEqual(await readFile(far), content)
  assert.equal((await stat(far)).mode & 0o777, 0o640)
  const back = await controller.run(`cp stratum1:${far} ${folder}/new/`)
  assert.equal(back.exit, 0)
  for (const name of sources) {
    assert.deepEqual(await readFile(join(folder, `new/far.bin.${name}`)), content)
  }
})

test('cp: what cannot be is said, and nothing is left behind', async () => {
  const folder = dirname(embedded.inventoryPath)
  const missing = await controller.run(`cp pi-gps-01:/no/such/file ${folder}/none`)
  assert.equal(missing.exit, 3)
  assert.match(missing.stderr, /^pi-gps-01: exit 2\n {2}there is no \/no\/such\/file\n/)
  await assert.rejects(stat(join(folder, 'none')))
  assert.equal((await controller.run('cp a b')).exit, 64)
  assert.equal((await controller.run(`cp stratum1:/etc/hostname ${folder}/none`)).exit, 64)
  assert.equal((await controller.run(`cp ${folder}/none stratum1:/tmp/none`)).exit, 64)
})

test('ssh: one device only; its exit code is that of the command', async () => {
  const files = `-i ${embedded.inventoryPath} -f ${embedded.fleetYamlPath}`
  const place = { cwd: dirname(embedded.inventoryPath), env: { XDG_RUNTIME_DIR: tmpdir() } }
  const words = `ssh pi-gps-01 ${files} -- hostname; exit 9`.split(' ')
  const [command, rest] = [words.slice(0, 7), words.slice(7).join(' ')]
  const { exit, stdout, stderr } = await runProgram(
    process.execPath,
    [timeballProgram, ...command, rest],
    place,
  )
  assert.equal(stdout, 'pi-gps-01\n', stderr)
  assert.equal(exit, 9)
  const many = await controller.run('ssh stratum1 -- true')
  assert.equal(many.exit, 64)
  assert.match(many.stderr, /stratum1 is pi-gps-\[01-02\] \(2\); a session is on one/)
})

test('doctor DEVICE: what is wrong, why, and the line that mends it; what is well is a line', async () => {
  const config = join(embedded.device('pi-gps-01').root, 'boot/firmware/config.txt')
  await writeFile(config, '# dtoverlay=disable-bt\nenable_uart=1\ndtoverlay=pps-gpio,gpiopin=4\n')
  const { stdout } = await controller.run('doctor pi-gps-01')
  assert.match(stdout, /^pi-gps-01\n/)
  assert.match(
    stdout,
    /✗ boot configuration +lacks dtoverlay=disable-bt\n +why .*\n +mend +timeball apply pi-gps-01 --allow-reboot$/m,
  )
  const json = await controller.run('doctor pi-gps-01 --json')
  const checks = json.stdout.split('\n').flatMap((line) => {
    const record = recordSchema.parse(JSON.parse(line))
    return record.type === 'diagnosis' ? [record] : []
  })
  assert.ok(checks.length > 12)
  assert.equal(checks.find(({ check }) => check === 'docker')?.text, '26.1.5')
})

test('doctor --fix: what apply mends is planned, asked for, done, and looked at again', async () => {
  const refused = await controller.run('doctor pi-gps-01 --fix')
  assert.match(refused.stderr, /^timeball: what timeball apply mends, on pi-gps-01:$/m)
  assert.equal(refused.exit, 64)
  const config = join(embedded.device('pi-gps-01').root, 'boot/firmware/config.txt')
  assert.doesNotMatch(await readFile(config, 'utf8'), /^dtoverlay=disable-bt$/m)
  const { stdout, stderr } = await controller.run('doctor pi-gps-01 --fix --yes')
  assert.match(stdout, /~ change file \/boot\/firmware\/config\.txt/, stderr)
  assert.match(stdout, /^pi-gps-01 +changed +3 +2 +good$/m)
  assert.match(stdout.slice(stdout.indexOf('Apply: 1 changed')), /✓ well .*\bboot configuration\b/s)
  assert.match(await readFile(config, 'utf8'), /^dtoverlay=disable-bt$/m)
  assert.equal((await controller.run('doctor --fix')).exit, 64)
  assert.equal((await controller.run('doctor pi-gps-01 --fix --json')).exit, 64)
})

test('doctor: this machine and the files of the fleet', async () => {
  const { stdout } = await controller.run('doctor')
  assert.match(stdout, /^this machine\n/)
  assert.match(stdout, /✓ well .*\bfiles\b/s)
})
