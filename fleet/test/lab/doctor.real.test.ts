/** `doctor`, `facts` and `gps calibrate` on a virtual Pi with a real gpsd that reads a simulated receiver. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { must, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { recordSchema, type OutputRecord } from '../../src/api/records/records.ts'
import { applyToLab } from './apply-to-lab.ts'
import { copyOfGuide, type Ended, freshLab, timeball } from './command-line.ts'

const device = guideDevices.find(({ name }) => name === 'pi-gps-01')
assert.ok(device)
const pi = device
let folder = ''

function on(command: string): Promise<string> {
  return must(sshArgs(labPaths(process.env), pi, command))
}

function command(words: string): Promise<Ended> {
  return timeball([...words.split(' '), '-i', join(folder, 'inventory.yml')])
}

async function recordsOf(words: string): Promise<readonly OutputRecord[]> {
  const { stdout } = await command(`${words} --json`)
  return stdout
    .trim()
    .split('\n')
    .map((line) => recordSchema.parse(JSON.parse(line)))
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    await applyToLab(folder, ['--allow-reboot'])
    await waitFor('ntpd to follow the pulse', 120_000, async () =>
      /^\*SHM\(1\)/m.test(await on('sudo docker exec mcp-utc-time ntpq -pn')),
    )
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

/** The level of each check. */
async function levels(): Promise<Readonly<Record<string, string>>> {
  const found = await recordsOf('doctor pi-gps-01')
  return Object.fromEntries(
    found.flatMap((each) => (each.type === 'diagnosis' ? [[each.check, each.level]] : [])),
  )
}

/** A container has no pulse, no network beyond the lab, no clock of its own, and no firmware of a Pi. */
const usual = {
  ...{ 'serial console': 'ok', 'serial line': 'ok', 'boot configuration': 'ok', receiver: 'ok' },
  ...{ 'shared memory': 'ok', pulse: 'bad', disk: 'ok', 'clock at boot': 'warn', 'port 123': 'ok' },
  ...{ discipline: 'ok', names: 'bad', MTU: 'unknown', docker: 'ok' },
}

function known(all: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(usual).map((check) => [check, all[check] ?? 'missing']))
}

test('doctor of a device that is well finds what a container lacks, and nothing else', async () => {
  assert.deepEqual(known(await levels()), usual)
})

test(
  'what is broken is found, and --fix mends what apply mends',
  { timeout: 300_000 },
  async () => {
    await on("sudo sed -i '/disable-bt/d' /boot/firmware/config.txt")
    await on('sudo systemctl stop gpsd.socket gpsd.service')
    // In a container it does not start by itself, and could set no clock.
    const dropIn = '/etc/systemd/system/systemd-timesyncd.service.d'
    const harmless =
      '[Unit]\\nConditionVirtualization=\\n[Service]\\nType=simple\\nWatchdogSec=0\\nExecStart=\\nExecStart=/bin/sleep infinity\\n'
    await on(`sudo mkdir -p ${dropIn}; printf '${harmless}' | sudo tee ${dropIn}/lab.conf`)
    await on('sudo systemctl daemon-reload; sudo systemctl enable --now systemd-timesyncd.service')
    const broken = known(await levels())
    assert.deepEqual(broken, {
      ...usual,
      ...{ 'boot configuration': 'bad', receiver: 'bad', discipline: 'bad' },
    })
    const { stdout, stderr } = await command('doctor pi-gps-01 --fix --yes')
    assert.match(stdout, /^Apply: 1 changed\.$/m, stderr)
    assert.deepEqual(known(await levels()), usual)
  },
)

test('facts name the receiver', async () => {
  const facts = (await recordsOf('facts pi-gps-01 --refresh')).find(({ type }) => type === 'facts')
  assert.ok(facts?.type === 'facts')
  assert.equal(facts.receiver, 'NMEA0183')
})

test('gps calibrate: 0.12 s late, as the simulated receiver is, against the pulse', async () => {
  const found = (await recordsOf('gps calibrate pi-gps-01 --for 40s')).find(
    ({ type }) => type === 'gps_calibration',
  )
  assert.ok(found?.type === 'gps_calibration')
  assert.equal(found.against, 'pulse')
  assert.ok(found.samples >= 30, String(found.samples))
  assert.ok(Math.abs(found.late_seconds - 0.121) < 0.01, String(found.late_seconds))
  assert.ok(Math.abs((found.proposed_seconds ?? 0.12) - found.late_seconds) < 0.001)
})
