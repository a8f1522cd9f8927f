/**
 * What the applier does besides `apply`, on a virtual Pi with real Docker, apt and ntpd: a shadow,
 * the log, versions of packages, and the rollback. Needs root on Debian. One test builds on the other.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { docker } from '@timeball/lab/pis/engine.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { piContainer } from '@timeball/lab/pis/pi-container.ts'
import { must, run, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import {
  activateManifest,
  encodeBundle,
  head,
  type Manifest,
} from '../../src/core/bundle/bundle.ts'
import { shadowDownManifest, shadowUpManifest } from '../../src/core/bundle/shadow.ts'
import { environmentPath } from '../../src/core/desired/paths.ts'
import type { FinalFile } from '../../src/core/plan/plan-files.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { remoteCommand } from '../../src/device/command.ts'
import {
  parseReportLine,
  readReport,
  toObserved,
  type DeviceReport,
} from '../../src/device/report.ts'
import { readApplier } from '../../src/main/applier.ts'
import { copyOfGuide, freshLab, timeball } from './command-line.ts'
import { applyToLab } from './apply-to-lab.ts'

const device = guideDevices.find(({ name }) => name === 'pi-gps-01')
assert.ok(device)
const pi = device
const applier = await readApplier()
const newer = '192.168.1.10:5000/mcp-utc-time-server:1.0.1'
const ports = { ntp: 10_123, http: 13_000, metrics: 19_090 }
/** A rollback brings other keys than the generations had. */
const key = ['API_KEY_1=', new Secret('API_KEY_1', 'key-of-tomorrow'), '\n']
const secrets: readonly FinalFile[] = [{ path: environmentPath, mode: '0600', content: key }]
let folder = ''

/** Ahead of the fleet's own numbers, and not by so much that the fleet refuses the device. */
let epoch = 0

function operation() {
  const nonce = randomBytes(16).toString('hex')
  epoch += 1_000
  return { id: `op-${nonce}`, nonce, epoch }
}

function on(command: string): Promise<string> {
  return must(sshArgs(labPaths(process.env), pi, command))
}

async function send(manifest: Manifest, files: readonly FinalFile[] = []): Promise<DeviceReport> {
  const input = new TextDecoder().decode(encodeBundle(applier, manifest, files))
  const { stdout } = await run(sshArgs(labPaths(process.env), pi, remoteCommand), { input })
  const lines = stdout.split('\n').flatMap((text) => {
    const line = parseReportLine(text)
    return line.ok ? [line.value] : []
  })
  const nonce = manifest.find((line) => line.startsWith('nonce '))?.slice(6) ?? ''
  const report = readReport(lines, nonce)
  assert.ok(report.ok, stdout)
  return report.value
}

async function health(port: number): Promise<string> {
  const curl = ['curl', '-s', '-m', '5', `http://${pi.address}:${port}/health`]
  return (await run(['ip', 'netns', 'exec', namespaceName, ...curl])).stdout
}

async function observe(...lines: readonly string[]) {
  const observed = toObserved(
    await send([...head('observe', { ...operation(), epoch: 0 }), ...lines]),
  )
  assert.ok(observed.ok)
  return observed.value
}

async function apply(): Promise<void> {
  await applyToLab(folder, ['-l', pi.name])
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    await apply()
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

test('a shadow serves beside the container, which it leaves alone', async () => {
  const server = await on('sudo docker inspect --format "{{.Id}} {{.RestartCount}}" mcp-utc-time')
  const shadow = { image: newer, ports, ntpServers: [pi.address] }
  const report = await send(shadowUpManifest(shadow, operation()))
  assert.equal(report.end.status, 'ok', JSON.stringify(report.end))
  await waitFor('the shadow in step', 60_000, async () =>
    (await health(ports.http)).includes('"synced":true'),
  )
  const peers = await on('sudo docker exec mcp-utc-time-shadow ntpq -p -n')
  assert.match(peers, new RegExp(`^\\*${pi.address}`, 'm'))
  const metrics = `http://${pi.address}:${ports.metrics}/metrics`
  const scraped = await must(['ip', 'netns', 'exec', namespaceName, 'curl', '-sf', metrics])
  assert.match(scraped, /^ntp_synced 1$/m)
  const limits = await on('sudo docker inspect mcp-utc-time-shadow')
  assert.doesNotMatch(limits, /SYS_TIME|key-of-the-lab/)
  assert.equal(
    await on('sudo docker inspect --format "{{.Id}} {{.RestartCount}}" mcp-utc-time'),
    server,
  )
  const seen = await observe(
    'watch-container mcp-utc-time-shadow',
    'watch-log mcp-utc-time-shadow 600',
  )
  assert.equal(seen.containers.get('mcp-utc-time-shadow')?.state, 'running')
  const log = seen.logs.get('mcp-utc-time-shadow')
  assert.ok(log !== undefined && log.lines > 0, JSON.stringify(log))
  // ntpd calls a folder for statistics that is not there an error.
  assert.ok(log.errors < 3, await on('sudo docker logs mcp-utc-time-shadow 2>&1 | tail -50'))
})

test('a shadow goes, and nothing of it is left', async () => {
  const report = await send(shadowDownManifest(operation()))
  assert.equal(report.end.status, 'ok')
  assert.equal(await on('sudo docker ps -aq --filter name=shadow'), '')
  assert.equal(await health(ports.http), '')
})

test('an older generation comes back without a registry', async () => {
  const fleetFile = join(folder, 'fleet.yaml')
  await must(['sed', '-i', 's/:1.0.0$/:1.0.1/', fleetFile])
  await apply()
  await on('sudo ip route add blackhole 192.168.1.10/32')
  const back = { generation: 1, retrySeconds: 120, secrets }
  const report = await send(activateManifest(back, operation()), secrets)
  assert.deepEqual(report.end, { status: 'ok', generation: 3 })
  const kept = 'grep -rl tomorrow /opt/mcp-utc-time-server /var/lib/timeball/generations'
  assert.equal((await on(`sudo ${kept}`)).trim(), environmentPath)
  await waitFor('the older release', 60_000, async () => (await health(3000)).includes('"1.0.0"'))
  await on('sudo ip route del blackhole 192.168.1.10/32')
})

/** A rollback to generation 3, whose applier is killed when it has swapped the first file. */
async function cutShort(retrySeconds: number): Promise<void> {
  const manifest = activateManifest({ generation: 3, retrySeconds, secrets }, operation())
  const input = new TextDecoder().decode(encodeBundle(applier, manifest, secrets))
  const command = `sudo TIMEBALL_FAULT=file-renamed ${remoteCommand}`
  await run(sshArgs(labPaths(process.env), pi, command), { input })
  assert.match(await on('sudo cat /var/lib/timeball/pending'), / back$/m)
}

async function isBack(): Promise<boolean> {
  const seen = await run(
    sshArgs(labPaths(process.env), pi, 'sudo test -e /var/lib/timeball/pending'),
  )
  return seen.code === 1 && (await health(3000)).includes('"1.0.0"')
}

test('a rollback that was cut short is gone on with by its timer, until it is done', async () => {
  await apply()
  await cutShort(3)
  await on('sudo systemctl stop docker.socket docker.service')
  const unit = 'timeball-revert-5.service'
  await waitFor('two attempts without Docker', 120_000, async () => {
    const log = await on(`sudo journalctl --output cat -u ${unit}`)
    return log.split('"status":"failed"').length > 2
  })
  await on('sudo systemctl start docker.service')
  await waitFor('the older release', 120_000, isBack)
  assert.equal(await on('systemctl list-timers --all --no-legend "timeball-revert-*"'), '')
})

test('a rollback that lost its power is gone on with at the next boot', async () => {
  await apply()
  await cutShort(600)
  const paths = labPaths(process.env)
  await docker(paths, ['kill', piContainer(pi)])
  await docker(paths, ['start', piContainer(pi)])
  await waitFor('the older release', 180_000, isBack)
})

test('a container made by hand is named by the plan, and gives way', async () => {
  const image = await on('sudo docker inspect --format "{{.Config.Image}}" mcp-utc-time')
  const byHand = `--restart always --name mcp-utc-time --entrypoint sleep ${image.trim()} infinity`
  await on(`sudo docker rm -f mcp-utc-time && sudo docker run -d ${byHand}`)
  const inventory = join(folder, 'inventory.yml')
  const plan = await timeball(['plan', '-i', inventory, '-l', pi.name])
  assert.match(plan.stdout, /container mcp-utc-time was made by hand \(image \S+\): it is stopped/)
  await apply()
  assert.equal((await on('sudo docker ps -a --format "{{.Names}}"')).trim(), 'mcp-utc-time')
  const seen = (await observe('watch-container mcp-utc-time')).containers.get('mcp-utc-time')
  // The settings say so since a test above.
  assert.deepEqual([seen?.project, seen?.versionLabel], ['mcp-utc-time-server', '1.0.1'])
  assert.match(seen?.imageName ?? '', /mcp-utc-time-server@sha256:/)
})
