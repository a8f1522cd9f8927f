/**
 * Quick looks on a virtual Pi with real systemd, dpkg and Docker: each single change is noticed, and
 * what is told from memory is what a look in full says. Needs root on Debian.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { must, run, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { encodeBundle, head } from '../../src/core/bundle/bundle.ts'
import type { Observed } from '../../src/core/plan/observed.ts'
import { remoteCommand } from '../../src/device/command.ts'
import { parseReportLine, readReport, toObserved } from '../../src/device/report.ts'
import { readApplier } from '../../src/main/applier.ts'
import { copyOfGuide, freshLab } from './command-line.ts'
import { applyToLab } from './apply-to-lab.ts'

const device = guideDevices.find(({ name }) => name === 'pi-gps-01')
assert.ok(device)
const pi = device
const applier = await readApplier()
const project = '/opt/mcp-utc-time-server'
const compose = `sudo docker compose --project-directory ${project} -f ${project}/docker-compose.rpi.yml`
let folder = ''
let image = ''

function on(command: string): Promise<string> {
  return must(sshArgs(labPaths(process.env), pi, command))
}

interface Look {
  readonly isQuick: boolean
  readonly observed: unknown
}

/** Without what is another each time: nonce, digests and masks, uptime, the room on the disk. */
function comparable(observed: Observed): unknown {
  const {
    nonce: _,
    uptimeSeconds: __,
    epochAgeSeconds: ___,
    disks,
    files,
    bootConfig,
    ...rest
  } = observed
  return {
    ...rest,
    disks: [...disks.keys()],
    files: [...files.values(), bootConfig].map((file) => ({
      ...file,
      digest: null,
      content: file?.content?.replaceAll(/#[0-9a-f]{64}/g, '#'),
    })),
  }
}

async function look(how: 'remember' | 'remember-anew' = 'remember'): Promise<Look> {
  const nonce = randomBytes(16).toString('hex')
  const manifest = [
    ...head('observe', { id: `op-${nonce}`, nonce, epoch: 0 }),
    'watch-package gpsd',
    'watch-package pps-tools',
    `watch-image ${image}`,
    'watch-file /etc/default/gpsd text',
    `watch-file ${project}/docker-compose.rpi.yml text`,
    `watch-file ${project}/.env env`,
    'watch-service systemd-timesyncd.service',
    'watch-service gpsd.service',
    'watch-container mcp-utc-time',
    'watch-boot-config',
    'watch-disk /',
    how,
  ]
  const input = new TextDecoder().decode(encodeBundle(applier, manifest))
  const { stdout } = await run(sshArgs(labPaths(process.env), pi, remoteCommand), { input })
  const lines = stdout.split('\n').flatMap((text) => {
    const line = parseReportLine(text)
    return line.ok ? [line.value] : []
  })
  const report = readReport(lines, nonce)
  assert.ok(report.ok, stdout)
  const observed = toObserved(report.value)
  assert.ok(observed.ok, stdout)
  const isQuick = lines.some(({ type }) => type === 'unchanged')
  return { isQuick, observed: comparable(observed.value) }
}

const health = '{{with .State.Health}}{{.Status}}{{end}}'

/** A first health check is a change, and a database has to be two seconds old. */
async function settle(): Promise<Look> {
  await waitFor('a health check', 120_000, async () => {
    const state = await run(
      sshArgs(labPaths(process.env), pi, `sudo docker inspect --format "${health}" mcp-utc-time`),
    )
    return !state.stdout.includes('starting')
  })
  let last = await look()
  await waitFor('a device that changes no more', 60_000, async () => {
    last = await look()
    return last.isQuick
  })
  return last
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    await applyToLab(folder, ['-l', pi.name])
    image = (await on('sudo docker inspect --format "{{.Config.Image}}" mcp-utc-time')).trim()
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

/** As long as before, with the times of before. */
function forge(path: string): string {
  return `sudo touch -r ${path} /tmp/times; sudo sed -i '1s/[a-zA-Z]/Q/' ${path}; sudo touch -r /tmp/times ${path}`
}

function restoring(path: string, change: string): readonly [string, string] {
  return [`sudo cp -a ${path} /tmp/kept; ${change}`, `sudo mv /tmp/kept ${path}`]
}

const files = [
  '/etc/default/gpsd',
  `${project}/docker-compose.rpi.yml`,
  `${project}/.env`,
  '/boot/firmware/config.txt',
]
/** What is done to the device, and what undoes it. */
const changes: Readonly<Record<string, readonly [string, string]>> = {
  ...Object.fromEntries(
    files.flatMap((path) => [
      [`other content of ${path}, its times restored`, restoring(path, forge(path))],
      [`another mode of ${path}`, restoring(path, `sudo chmod 0604 ${path}`)],
      [`another owner of ${path}`, restoring(path, `sudo chown 1:1 ${path}`)],
    ]),
  ),
  'a package removed': [
    'sudo apt-get remove -qy pps-tools',
    'sudo apt-get install -qy --no-install-recommends pps-tools',
  ],
  'the container stopped': ['sudo docker stop -t 2 mcp-utc-time', 'sudo docker start mcp-utc-time'],
  'the container restarted': ['sudo docker restart -t 2 mcp-utc-time', 'true'],
  'the container killed, and started by its policy': [
    'sudo kill -9 $(sudo docker inspect --format "{{.State.Pid}}" mcp-utc-time); sleep 2',
    'true',
  ],
  'the container paused': ['sudo docker pause mcp-utc-time', 'sudo docker unpause mcp-utc-time'],
  'the container replaced': [`${compose} up -d --force-recreate`, 'true'],
  'the container gone': ['sudo docker rm -f mcp-utc-time', `${compose} up -d`],
  'a service stopped': [
    'sudo systemctl stop gpsd.socket gpsd.service',
    'sudo systemctl start gpsd.service',
  ],
  'a service killed': [
    'sudo systemctl kill -s KILL gpsd.service; sleep 1',
    'sudo systemctl restart gpsd.service',
  ],
  'a service restarted': ['sudo systemctl restart gpsd.service', 'true'],
  'a service disabled': [
    'sudo systemctl disable gpsd.service',
    'sudo systemctl enable gpsd.service',
  ],
  'a service that starts and fails': [
    'sudo mkdir -p /run/systemd/system/systemd-timesyncd.service.d; printf "[Unit]\\nConditionVirtualization=\\n[Service]\\nExecStart=\\nExecStart=/bin/false\\nRestart=no\\n" | sudo tee /run/systemd/system/systemd-timesyncd.service.d/false.conf; sudo systemctl daemon-reload; sudo systemctl start systemd-timesyncd.service; true',
    'sudo rm -r /run/systemd/system/systemd-timesyncd.service.d; sudo systemctl daemon-reload; sudo systemctl reset-failed systemd-timesyncd.service',
  ],
  'a service masked': [
    'sudo systemctl mask --now systemd-timesyncd.service',
    'sudo systemctl unmask systemd-timesyncd.service',
  ],
  'the Docker daemon restarted': ['sudo systemctl restart docker.service', 'true'],
  'a reboot': ['sudo systemctl reboot || true', 'true'],
}

async function answers(): Promise<boolean> {
  return (
    (await run(sshArgs(labPaths(process.env), pi, 'sudo docker inspect mcp-utc-time'))).code === 0
  )
}

for (const [what, [change, undo]] of Object.entries(changes)) {
  test(`${what} is noticed`, { timeout: 300_000 }, async () => {
    await settle()
    await run(sshArgs(labPaths(process.env), pi, change))
    if (what === 'a reboot') {
      await waitFor('the device to go', 60_000, async () => !(await answers()))
      await waitFor('the device after its reboot', 60_000, answers)
    }
    assert.equal((await look()).isQuick, false, what)
    const quick = await settle()
    assert.deepEqual(quick.observed, (await look('remember-anew')).observed)
    await on(undo)
  })
}
