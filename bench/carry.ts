/**
 * The first `timeball apply` of virtual Pis whose image is carried over SSH, against one that comes
 * from a registry on their network, and against `docker save | ssh HOST docker load` before it, all in
 * one run on the same machine. Packages are there already.
 * Writes `results/carry.json`. Usage, as root on Debian: `node bench/carry.ts [--hosts 16] [--times 1]`.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { plainHosts, type LabDevice } from '@timeball/lab/pis/devices.ts'
import { plainInventory } from '@timeball/lab/pis/inventory.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { labPaths, repositoryRoot } from '@timeball/lab/pis/settings.ts'
import { importArchive } from '../fleet/src/stores/images/import-archive.ts'
import { indexType, openLayout } from '../fleet/src/stores/images/layout.ts'
import { measure, median, run, type Command, type Timing } from './measure.ts'

const { values } = parseArgs({
  options: { hosts: { type: 'string', default: '16' }, times: { type: 'string', default: '1' } },
})
const count = Number(values.hosts)
const paths = labPaths(process.env)
const key = join(paths.guideState, 'id_ed25519')
const knownHosts = join(paths.guideState, 'known_hosts')
const name = 'localhost/mcp-utc-time-server:1.0.0'

/** Back to how the host was before, the packages aside. */
const reset = [
  'sudo docker rm -f mcp-utc-time',
  'sudo docker image prune -af',
  'sudo rm -rf /opt/mcp-utc-time-server /var/lib/timeball',
  'true',
].join(' >/dev/null 2>&1; ')

const up = await labUp({ hosts: count, onProgress: () => {} })
if (!up.ok) throw new Error(up.failure.detail)
const hosts = plainHosts(count)
const image = up.value.serverImages[0]
if (image === undefined) throw new Error('the lab has no image of the time server')
const outerDocker = ['--host', `unix://${paths.socket}`]

const fromRegistry = writeFleet(hosts, 'registry')
const carried = writeFleet(hosts, 'carried')
const digest = await keep(join(carried, '.timeball/images'))
const onDevice = `localhost/mcp-utc-time-server:${digest.replace(':', '-')}`
const control = mkdtempSync(join(tmpdir(), 'timeball-bench-control-'))

const ways = {
  'carried over ssh': [apply(carried)],
  'from a registry': [apply(fromRegistry)],
  'docker save, ssh docker load': [loadEverywhere(), apply(carried)],
} as const
type Way = keyof typeof ways
interface Result {
  readonly way: Way
  readonly timing: Timing
  /** That one device received, in bytes. */
  readonly received: number
}

// What is only the first time in a lab: packages.
run(apply(fromRegistry))
const results: Result[] = []
for (const [way, commands] of entriesOf(ways)) {
  const timings = Array.from({ length: Number(values.times) }, () => {
    run(everywhere(reset))
    const before = receivedBytes()
    const parts = commands.map((command, at) => measure(`${way} ${at + 1}`, 1, command))
    const seconds = parts.reduce((sum, { seconds: [taken = 0] }) => sum + taken, 0)
    return { seconds, received: receivedBytes() - before }
  })
  const timing = { name: way, seconds: timings.map(({ seconds }) => seconds) }
  results.push({ way, timing, received: timings[0]?.received ?? 0 })
}
report(results)

function entriesOf(all: typeof ways): readonly (readonly [Way, readonly Command[]])[] {
  return [
    ['carried over ssh', all['carried over ssh']],
    ['from a registry', all['from a registry']],
    ['docker save, ssh docker load', all['docker save, ssh docker load']],
  ]
}

function inLab(file: string, args: readonly string[]): Command {
  const env = { API_KEY_1: 'key-of-the-benchmark-only' }
  return { file: 'ip', args: ['netns', 'exec', namespaceName, file, ...args], env }
}

function apply(folder: string): Command {
  const inventory = ['-i', join(folder, 'inventory.yml')]
  return inLab(join(repositoryRoot, 'timeball'), ['apply', '--yes', ...inventory])
}

function writeFleet(devices: readonly LabDevice[], kind: 'carried' | 'registry'): string {
  const folder = mkdtempSync(join(tmpdir(), 'timeball-bench-'))
  const guide = readFileSync(join(paths.guide, 'fleet.yaml'), 'utf8')
    .replace(/\.timeball\/id_ed25519/, key)
    .replace(/\.timeball\/known_hosts/, knownHosts)
    .replace(/namespace: timeball-lab$/m, `namespace: ${namespaceName}`)
  const ours = guide.replace(/^image:\n(?: .*\n)*/m, `image: ${name}\n`)
  const settings = kind === 'carried' ? ours : guide
  writeFileSync(join(folder, 'fleet.yaml'), `${settings}apply: { settle_timeout: 0s }\n`)
  writeFileSync(join(folder, 'inventory.yml'), plainInventory(devices))
  return folder
}

/** The image that the registry has, as `image build` would have kept it. */
async function keep(folder: string): Promise<string> {
  const saved = mkdtempSync(join(tmpdir(), 'timeball-bench-saved-'))
  const archive = join(saved, 'image.tar')
  run({ file: 'docker', args: [...outerDocker, 'save', '--output', archive, image?.ref ?? ''] })
  run({ file: 'tar', args: ['-C', saved, '-xf', archive] })
  const layout = openLayout(folder)
  const imported = await importArchive(saved, layout)
  if (!imported.ok) throw new Error(imported.failure)
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [imported.value] }
  const put = await layout.blobs.put(Buffer.from(JSON.stringify(index)))
  await layout.name(name, { mediaType: indexType, ...put }, Date.now())
  return put.digest
}

function sshOptions(): string {
  return [
    ...['-o BatchMode=yes', `-o UserKnownHostsFile=${knownHosts}`, `-i ${key}`],
    ...['-o ControlMaster=auto', '-o ControlPersist=60s', `-o ControlPath=${control}/%C`],
  ].join(' ')
}

function everywhere(remote: string): Command {
  const commands = hosts.map(
    ({ address }) => `ssh ${sshOptions()} pi@${address} '${remote}' </dev/null &`,
  )
  return inLab('sh', ['-c', `${commands.join('\n')}\nwait`])
}

/** As one does it by hand, to all at once; then it has the name under which `apply` looks for it. */
function loadEverywhere(): Command {
  const load = `sudo docker load -q && sudo docker tag ${image?.ref ?? ''} ${onDevice}`
  const commands = hosts.map(
    ({ address }) =>
      `docker ${outerDocker.join(' ')} save ${image?.ref ?? ''} | ssh ${sshOptions()} pi@${address} '${load}' &`,
  )
  return inLab('sh', ['-c', `${commands.join('\n')}\nwait`])
}

function receivedBytes(): number {
  const [first] = hosts
  const counted = `awk 'NR > 2 && $1 != "lo:" { sum += $2 } END { print sum }' /proc/net/dev`
  const ssh = `ssh ${sshOptions()} pi@${first?.address ?? ''} "${counted.replaceAll('"', '\\"').replaceAll('$', '\\$')}"`
  return Number(run(inLab('sh', ['-c', ssh])))
}

function report(all: readonly Result[]): void {
  const [ours] = all
  const base = ours === undefined ? Number.NaN : median(ours.timing)
  const rows = all.map(({ way, timing, received }) => ({
    ...{ way, median: median(timing), seconds: timing.seconds, received },
    ratio: median(timing) / base,
  }))
  process.stdout.write(
    `| ${hosts.length} hosts | median, s | × carried | MB to a device | runs |\n`,
  )
  process.stdout.write('| --- | ---: | ---: | ---: | ---: |\n')
  for (const { way, median: middle, ratio, received, seconds } of rows) {
    const cells = [middle.toFixed(1), ratio.toFixed(2), (received / 1e6).toFixed(0), seconds.length]
    process.stdout.write(`| ${way} | ${cells.join(' | ')} |\n`)
  }
  const out = join(import.meta.dirname, 'results')
  mkdirSync(out, { recursive: true })
  const text = JSON.stringify({ hosts: hosts.length, rows }, null, 2)
  writeFileSync(join(out, 'carry.json'), `${text}\n`)
}
