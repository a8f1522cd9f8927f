/**
 * The lab itself, on this machine: needs root and the packages of `packages.txt`. A lab that ran
 * before is used and left running, without its time servers; otherwise it is taken down again.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { guideDevices, type LabDevice, plainHosts, registryHost } from './devices.ts'
import { docker } from './engine.ts'
import { labDown } from './lab-down.ts'
import { labStatus } from './lab-status.ts'
import { labUp } from './lab-up.ts'
import { namespaceName, namespacePath } from './network.ts'
import { containerPrefix, piContainer } from './pi-container.ts'
import type { Progress } from './progress.ts'
import { must, run, waitFor } from './run.ts'
import { serverImageName, type ServerImage } from './server-image.ts'
import { labPaths } from './settings.ts'
import { sshArgs } from './ssh.ts'

const paths = labPaths(process.env)
const wasUp = existsSync(namespacePath)
const [gps01, gps02, ntp01, ntp02] = guideDevices
assert.ok(gps01 !== undefined && gps02 !== undefined && ntp01 !== undefined && ntp02 !== undefined)
const guide = [gps01, gps02, ntp01, ntp02]
let images: readonly ServerImage[] = []

async function up(
  hosts: number,
  onProgress: (progress: Progress) => void = () => {},
): Promise<void> {
  const result = await labUp({ hosts, onProgress })
  assert.ok(result.ok, result.ok ? '' : result.failure.detail)
  images = result.value.serverImages
}

function on(device: LabDevice, command: string, input = ''): Promise<string> {
  return must(sshArgs(paths, device, command), { input })
}

async function answers(device: LabDevice): Promise<boolean> {
  return (await run(sshArgs(paths, device, 'docker version > /dev/null'))).code === 0
}

before(() => up(0), { timeout: 480_000 })
after(async () => {
  if (!wasUp) await labDown({ onProgress: () => {} })
  else for (const device of guide) await on(device, removeServer)
})

test('every device answers ssh at its address, under its pinned host key and with sudo', async () => {
  for (const device of guide) {
    assert.equal((await on(device, 'hostname && sudo -n id -u')).trim(), `${device.name}\n0`)
  }
})

function containers(): Promise<string> {
  return docker(paths, ['ps', '--no-trunc', '--quiet', '--filter', `name=^${containerPrefix}`])
}

test('up again changes nothing', async () => {
  const earlier = await containers()
  const kept = new Map<string, string>()
  await up(0, ({ step, state }) => kept.set(step, state))
  assert.equal(await containers(), earlier)
  for (const step of ['Docker Engine', 'Pi image', 'apt mirror', 'network', 'devices']) {
    assert.equal(kept.get(step), 'kept', step)
  }
})

test('status tells what runs', async () => {
  const status = await labStatus()
  assert.ok(status.ok)
  const { devices, ...rest } = status.value
  assert.deepEqual(rest, {
    engine: 'running',
    network: 'up',
    registry: 'running',
    mirror: 'running',
  })
  const states = devices.slice(0, 4).map(({ name, state }) => `${name} ${state}`)
  assert.deepEqual(
    states,
    guide.map((device) => `${device.name} running`),
  )
})

test('nothing leaves the lab, and nobody in it can set the clock', async () => {
  const outside = await run([
    'ip',
    'netns',
    'exec',
    namespaceName,
    'ip',
    'route',
    'get',
    '192.0.2.1',
  ])
  assert.notEqual(outside.code, 0)
  assert.doesNotMatch(await on(ntp01, 'ip route'), /default/)
  const set = await run(sshArgs(paths, ntp01, 'sudo date -s 2030-01-01'))
  assert.match(set.stderr, /Operation not permitted/)
})

test('boot configuration is where Raspberry Pi OS keeps it', async () => {
  assert.match(await on(gps01, 'cat /boot/firmware/config.txt'), /arm_64bit=1/)
  assert.match(await on(gps01, 'cat /boot/config.txt'), /DO NOT EDIT/)
  assert.match(await on(ntp02, 'cat /boot/config.txt'), /arm_64bit=1/)
  assert.equal((await on(ntp02, 'test -e /boot/firmware && echo there || true')).trim(), '')
})

function bootId(device: LabDevice): Promise<string> {
  return on(device, 'cat /proc/sys/kernel/random/boot_id')
}

test('a reboot and a power cut keep the address', { timeout: 120_000 }, async () => {
  await on(ntp02, 'sudo touch /var/lib/on-the-card')
  const first = await bootId(ntp02)
  await run(sshArgs(paths, ntp02, 'sudo systemctl reboot'))
  await waitFor(
    'the reboot',
    60_000,
    async () => (await answers(ntp02)) && (await bootId(ntp02)) !== first,
  )
  const second = await bootId(ntp02)
  assert.equal(await on(ntp02, 'ls /var/lib/on-the-card'), '/var/lib/on-the-card\n')

  await docker(paths, ['kill', piContainer(ntp02)])
  const stopped = await labStatus()
  assert.ok(stopped.ok)
  assert.equal(stopped.value.devices.find(({ name }) => name === ntp02.name)?.state, 'stopped')
  await docker(paths, ['start', piContainer(ntp02)])
  await waitFor('the start after the power cut', 60_000, () => answers(ntp02))
  assert.ok(![first, second].includes(await bootId(ntp02)))
  assert.equal(await on(ntp02, 'ls /var/lib/on-the-card'), '/var/lib/on-the-card\n')
})

/** Installs what `timeball apply` installs, by hand: gpsd on a device with a receiver. */
const installGpsd = `set -eu
sudo apt-get update -q
sudo DEBIAN_FRONTEND=noninteractive apt-get install -qy gpsd gpsd-tools pps-tools
printf 'DEVICES="/dev/serial0"\\nGPSD_OPTIONS="-n"\\nUSBAUTO="false"\\n' | sudo tee /etc/default/gpsd
sudo systemctl enable gpsd.service
sudo systemctl restart gpsd.service`

function compose(image: string, environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment).map(([name, value]) => `      ${name}: "${value}"`)
  return `services:
  time-server:
    image: ${image}
    container_name: mcp-utc-time
    network_mode: host
    ipc: host
    cap_add: [SYS_NICE]
    environment:
      CLOCK_DISCIPLINE: "no"
${lines.join('\n')}
`
}

async function startServer(
  device: LabDevice,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const digest = images[0]?.digest ?? ''
  const text = compose(`${registryHost}/${serverImageName}@${digest}`, environment)
  await on(device, removeServer)
  await on(device, 'cat > lab.yml && docker compose -f lab.yml up --detach --quiet-pull', text)
}

const removeServer = 'docker rm --force mcp-utc-time'

/** Waits until ntpd has selected a source, and returns the line of it. */
async function selectedSource(device: LabDevice): Promise<string> {
  let line = ''
  await waitFor(`${device.name} selecting a source`, 90_000, async () => {
    const peers = await run(sshArgs(paths, device, 'docker exec mcp-utc-time ntpq -pn'))
    line = peers.stdout.split('\n').find((row) => /^[*o]/.test(row)) ?? ''
    return line !== ''
  })
  return line
}

test('gpsd reads the receiver, and feeds ntpd in a container', { timeout: 240_000 }, async () => {
  for (const device of [gps01, gps02]) {
    await on(device, 'sh -s', installGpsd)
    await startServer(device, { ENABLE_GPS: 'yes', ENABLE_PPS: 'yes' })
    assert.match(await selectedSource(device), /^[*o]SHM\(1\) +\.PPS\. +0 l/)
    const samples = await on(device, 'sudo timeout 20 ntpshmmon -n 6')
    assert.match(samples, /^sample NTP0 /m)
    assert.match(samples, /^sample NTP1 /m)
  }
})

test('a receiver starts at every boot: no unit is dropped from an ordering cycle', async () => {
  const verified = await run(
    sshArgs(paths, gps01, 'sudo systemd-analyze verify --man=no default.target 2>&1'),
  )
  assert.match(
    await on(gps01, 'systemctl is-enabled gpsd.service lab-gps.service'),
    /^(enabled\n)+$/,
  )
  assert.doesNotMatch(verified.stdout, /ordering cycle|Job .* deleted/)
})

test('a stratum 2 follows a stratum 1', { timeout: 240_000 }, async () => {
  await startServer(ntp01, { NTP_SERVERS: `${gps01.address},${gps02.address}` })
  assert.match(await selectedSource(ntp01), /^\*192\.168\.1\.10[12] +\.PPS\. +1 u/)
  const health = ['curl', '-fsS', `http://${ntp01.address}:3000/health`]
  const reply = await must(['ip', 'netns', 'exec', namespaceName, ...health])
  assert.match(reply, /"stratum":2/)
})

test('a start that is killed at any step is simply run again', { timeout: 400_000 }, async () => {
  const extra = plainHosts(2)
  for (const step of ['Docker Engine', 'network', 'ssh keys', 'devices', 'boot']) {
    await docker(paths, ['rm', '--force', ...extra.map(piContainer)]).catch(() => {})
    await killedUp(step, extra.length)
    await up(extra.length)
    for (const device of extra) assert.equal((await on(device, 'hostname')).trim(), device.name)
  }
})

/** Runs `up` as a process of its own and kills it as soon as it tells that `step` begins. */
async function killedUp(step: string, hosts: number): Promise<void> {
  const main = join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, [main, 'up', '--devices', String(hosts)])
  const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)))
  createInterface(child.stderr).on('line', (line) => {
    if (line === `${step} …`) child.kill('SIGKILL')
  })
  assert.equal(await ended, 'SIGKILL', `up never came to ${step}`)
}

test('the operator’s files are for the operator alone', () => {
  assert.match(
    readFileSync(join(paths.guideState, 'known_hosts'), 'utf8'),
    /^192\.168\.1\.101,pi-gps-01 /,
  )
  assert.match(readFileSync(join(paths.guide, 'fleet.yaml'), 'utf8'), /namespace: timeball-lab/)
})
