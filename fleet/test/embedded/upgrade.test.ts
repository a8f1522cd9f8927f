/** `timeball upgrade` on an embedded fleet. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { recordSchema } from '../../src/api/records/records.ts'
import { controllerOf } from './controller.ts'

const sources = ['pi-gps-01', 'pi-gps-02']
const embedded = await temporaryFleet({
  devices: [
    ...sources.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: sources },
  ],
})
const controller = await controllerOf(
  embedded,
  'apply: { confirm_timeout: 60s, settle_timeout: 60s }\n',
)

async function versions(name: string): Promise<string> {
  return (await controller.run(`run -- dpkg-query -W ${name}`)).stdout
}

const both = [
  'pi-gps-[01-02], pi-ntp-01 (3): 2 packages',
  ' openssh-server 1:10.0p1-7 → 1:10.0p1-7+deb13u1 security',
  ' systemd-timesyncd 257.8-1~deb13u2 → 257.9-1~deb13u1',
]

function unaligned(text: string): readonly string[] {
  return text.replaceAll(/ +/g, ' ').split('\n')
}

test('--dry-run: the plan, folded over devices, and nothing is installed', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const { exit, stdout } = await controller.run('upgrade --dry-run')
  assert.deepEqual(unaligned(stdout), both)
  assert.equal(exit, 0)
  assert.match(await versions('openssh-server'), /1:10\.0p1-7$/)
})

test('nobody who can be asked, or who says no: nothing is installed', async () => {
  assert.equal((await controller.run('upgrade')).exit, 64)
  assert.equal((await controller.run('upgrade', { answer: false })).exit, 7)
  assert.match(await versions('openssh-server'), /1:10\.0p1-7$/)
})

test('a device on which another apt is at work is left out and named; the others are upgraded', async () => {
  const { faults } = embedded.device('pi-gps-02')
  faults.aptBusy = true
  const { exit, stdout, stderr } = await controller.run('upgrade --security --yes')
  faults.aptBusy = false
  assert.match(
    stderr,
    /^timeball: pi-gps-02: E: Could not get lock .*another apt is at work on it/m,
  )
  assert.deepEqual(stdout.split('\n').slice(2), [
    '✓ pi-ntp-01 upgraded, gives good time',
    '✓ pi-gps-01 upgraded, gives good time',
  ])
  assert.equal(exit, 3)
  assert.match(await versions('openssh-server'), /^pi-gps-01, pi-ntp-01 \(2\):\n.*deb13u1\n/m)
  assert.match(await versions('systemd-timesyncd'), /^ {2}.*257\.8-1~deb13u2$/m)
})

test('an installation that was cut short is not built upon', async () => {
  const { faults } = embedded.device('pi-gps-02')
  faults.dpkgCut = true
  const { exit, stderr } = await controller.run('upgrade pi-gps-02 --yes')
  faults.dpkgCut = false
  assert.match(stderr, /an installation was cut short: .*gpsd.*dpkg --configure -a/)
  assert.equal(exit, 3)
})

test('where a boot is needed the device is rebooted in its turn, or named', async () => {
  const { root } = embedded.device('pi-gps-02')
  await writeFile(join(root, 'run/reboot-required'), '')
  const boot = (): Promise<string> => readFile(join(root, 'proc/boot_id'), 'utf8')
  const before = await boot()
  const named = await controller.run('upgrade pi-gps-02 --no-reboot --security --yes')
  assert.match(
    named.stdout,
    /1 package, a reboot is needed\n[^]*upgraded, needs a reboot, gives good/,
  )
  assert.equal(await boot(), before)
  const { exit, stdout } = await controller.run('upgrade pi-gps-02 --yes --json')
  const records = stdout.split('\n').map((line) => recordSchema.parse(JSON.parse(line)))
  const plan = records.find((record) => record.type === 'upgrade_plan')
  assert.ok(plan?.type === 'upgrade_plan' && plan.reboot)
  assert.deepEqual(
    plan.packages.map(({ name }) => name),
    ['systemd-timesyncd'],
  )
  assert.match(stdout, /"device":"pi-gps-02","action":"upgrade","status":"done"/)
  assert.equal(exit, 0)
  assert.notEqual(await boot(), before)
})

test('one package, an older version: a downgrade is told as one', async () => {
  const { exit, stdout } = await controller.run(
    'upgrade pi-ntp-01 --package openssh-server=1:10.0p1-7 --yes',
  )
  assert.deepEqual(unaligned(stdout), [
    'pi-ntp-01: 1 package',
    ' openssh-server 1:10.0p1-7+deb13u1 → 1:10.0p1-7 older',
    '✓ pi-ntp-01 upgraded, gives good time',
  ])
  assert.equal(exit, 0)
  const missing = await controller.run('upgrade pi-ntp-01 --package openssh-server=9 --yes')
  assert.match(missing.stderr, /Version '9' for 'openssh-server' was not found/)
  assert.equal(missing.exit, 3)
  assert.equal((await controller.run('upgrade --package a;b --yes')).exit, 64)
  assert.equal((await controller.run('upgrade --security --package a --yes')).exit, 64)
})

test('in a freeze window nothing is upgraded, unless a reason is given', async () => {
  const days = 'Sun 00:00 - Sat 23:59 UTC'
  await controller.edit(
    'settings',
    'apply:',
    `rollout: { freeze: { windows: ["${days}"] } }\napply:`,
  )
  const frozen = await controller.run('upgrade pi-ntp-01 --yes')
  assert.match(frozen.stderr, /nothing may be started now: freeze window/)
  assert.equal(frozen.exit, 6)
  const words = 'upgrade pi-ntp-01 --yes --override-freeze urgent'
  assert.equal((await controller.run(words)).exit, 0)
})

const history = `
Start-Date: 2026-11-01  06:32:11
Commandline: apt-get install tiny
Upgrade: tiny:all (1.0, 2.0)
End-Date: 2026-11-01  06:32:12

Start-Date: 2026-11-02  06:32:11
Commandline: /usr/bin/unattended-upgrade
Upgrade: openssh-server:arm64 (1:10.0p1-7, 1:10.0p1-7+deb13u1), tzdata:all (2025b-4, 2025c-0)
End-Date: 2026-11-02  06:32:31
`

test('what a device upgraded by itself is drift, until an upgrade takes it as known', async () => {
  const { root } = embedded.device('pi-ntp-01')
  await mkdir(join(root, 'var/log/apt'), { recursive: true })
  await writeFile(join(root, 'var/log/apt/history.log'), history)
  await writeFile(join(root, 'var/lib/timeball/upgrade/known'), '1\n')
  const { exit, stdout } = await controller.run('drift --detailed-exitcode')
  const [first, second = '', last] = stdout.split('\n')
  assert.equal(first, 'pi-ntp-01: upgraded by unattended-upgrades')
  const packages = 'openssh-server 1:10.0p1-7 → 1:10.0p1-7+deb13u1, tzdata 2025b-4 → 2025c-0'
  assert.ok(second.startsWith(`  packages  were upgraded: ${packages}, since 2026-11-0`), second)
  assert.equal(last, '2 of 3 up to date; timeball upgrade takes pi-ntp-01 as known')
  assert.equal(exit, 2)
  await controller.run('upgrade pi-ntp-01 --yes --override-freeze test')
  assert.equal((await controller.run('drift')).stdout, 'No drift: 3 up to date.')
})
