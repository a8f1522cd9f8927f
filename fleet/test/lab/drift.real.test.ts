/** Since when something drifted, with the real systemd, Docker, dpkg and apt of a virtual Pi. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { must } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { recordSchema } from '../../src/api/records/records.ts'
import { copyOfGuide, freshLab, timeball } from './command-line.ts'

const device = guideDevices.find(({ name }) => name === 'pi-gps-01')
assert.ok(device)
const pi = device
let folder = ''

function on(command: string): Promise<string> {
  return must(sshArgs(labPaths(process.env), pi, command))
}

function command(words: string): ReturnType<typeof timeball> {
  return timeball([...words.split(' '), '-i', join(folder, 'inventory.yml'), '-l', pi.name])
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    const { exit, stdout, stderr } = await command('apply --yes')
    assert.equal(exit, 0, `${stdout}\n${stderr}`)
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

/** Seconds since 1970, by the clock of the device. */
async function now(): Promise<number> {
  return Number(await on('date +%s'))
}

async function sinceOf(resource: string): Promise<number> {
  const { stdout, stderr } = await command('drift --json')
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => recordSchema.parse(JSON.parse(line)))
  const found = records.find((each) => each.type === 'drift' && each.resource === resource)
  assert.ok(found?.type === 'drift', `${stdout}\n${stderr}`)
  return (found.since_unix_ms ?? 0) / 1000
}

const project = '/opt/mcp-utc-time-server'
const compose = `sudo docker compose --project-directory ${project} -f ${project}/docker-compose.rpi.yml`

/** What is changed, the resource that is told, and what puts it back. */
const changes = [
  [
    'sudo systemctl stop gpsd.socket gpsd.service',
    'service:gpsd.service',
    'sudo systemctl start gpsd',
  ],
  [
    'sudo docker stop -t 2 mcp-utc-time',
    'compose:/opt/mcp-utc-time-server',
    'sudo docker start mcp-utc-time',
  ],
  ['sudo docker kill mcp-utc-time', 'compose:/opt/mcp-utc-time-server', `${compose} up -d`],
  [
    'echo x | sudo tee -a /etc/default/gpsd',
    'file:/etc/default/gpsd',
    "sudo sed -i '$d' /etc/default/gpsd",
  ],
  ['sudo apt-get remove -qy pps-tools', 'package:pps-tools', 'sudo apt-get install -qy pps-tools'],
] as const

for (const [change, resource, undo] of changes) {
  test(`${change}: since that moment`, { timeout: 120_000 }, async () => {
    const from = await now()
    await on(change)
    const to = await now()
    const since = await sinceOf(resource)
    assert.ok(since >= from - 1 && since <= to + 1, `${from} ${since} ${to}`)
    await on(undo)
  })
}

test('a service that runs and is disabled: nothing tells since when', async () => {
  await on('sudo systemctl disable gpsd.service')
  assert.equal(await sinceOf('service:gpsd.service'), 0)
  await on('sudo systemctl enable gpsd.service')
})

test('what apt logged of unattended-upgrades is told with its versions', async () => {
  const name = 'unattended-upgrade'
  const install = 'install -qy --reinstall --allow-downgrades pps-tools'
  await on('sudo rm -f /var/log/apt/history.log')
  await on(`sudo bash -c 'exec -a /usr/bin/${name} apt-get ${install}'`)
  const reinstalled = await on('cat /var/log/apt/history.log')
  assert.match(reinstalled, /^Commandline: \/usr\/bin\/unattended-upgrade install/m)
  const from = await now()
  const upgraded = reinstalled
    .replace(/^Reinstall: .*$/m, 'Upgrade: pps-tools:amd64 (1.0.3-1, 1.0.3-2)')
    .replaceAll("'", '')
  await on(`echo '${upgraded}' | sudo tee /var/log/apt/history.log`)
  const since = await sinceOf('packages')
  assert.ok(Math.abs(since - from) < 60, `${from} ${since}`)
})
