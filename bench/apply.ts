/**
 * `timeball apply` on 16 virtual Pis against `ansible-playbook` (pipelining, 16 forks) making the
 * same resources, and against raw parallel `ssh HOST true`, all in one run on the same machine.
 * Usage, as root on Debian: `node bench/apply.ts [--hosts 16] [--times 5]`.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { plainInventory } from '@timeball/lab/pis/inventory.ts'
import { type LabDevice, plainHosts } from '@timeball/lab/pis/devices.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { labPaths, repositoryRoot } from '@timeball/lab/pis/settings.ts'
import { type Command, measure, median, run, type Timing } from './measure.ts'

const { values } = parseArgs({
  options: { hosts: { type: 'string', default: '16' }, times: { type: 'string', default: '5' } },
})
const times = Number(values.times)
const paths = labPaths(process.env)
const key = join(paths.guideState, 'id_ed25519')
const knownHosts = join(paths.guideState, 'known_hosts')
const environment = { API_KEY_1: 'key-of-the-benchmark-only' }

const up = await labUp({ hosts: Number(values.hosts), onProgress: () => {} })
if (!up.ok) throw new Error(up.failure.detail)
const hosts = plainHosts(Number(values.hosts))
const folder = writeFleet(hosts)
const timeball = inLab(join(repositoryRoot, 'timeball'), [
  ...['apply', '--yes', '-i', join(folder, 'inventory.yml')],
])
const ansible = inLab('ansible-playbook', [
  ...['-i', join(folder, 'inventory.yml'), '--private-key', key, '--forks', '16'],
  ...['-e', `files=${folder}`, '-e', `image=${imageOf(folder)}`],
  join(import.meta.dirname, 'playbook.yml'),
])

const timings: Timing[] = []
onEveryHost('reset', resetDevice)
timings.push(
  measure('timeball apply, first', 1, timeball),
  measure('timeball apply, no change', times, timeball),
  measure('ssh HOST true, in parallel', times, parallelSsh('true')),
)
onEveryHost('reset', resetDevice)
timings.push(
  measure('ansible-playbook, first', 1, ansible),
  measure('ansible-playbook, no change', Math.min(times, 2), ansible),
)
report(timings)

function inLab(file: string, args: readonly string[]): Command {
  const ssh = `-o UserKnownHostsFile=${knownHosts} -o ControlMaster=auto -o ControlPersist=60s`
  return {
    file: 'ip',
    args: ['netns', 'exec', namespaceName, file, ...args],
    env: { ...environment, ANSIBLE_PIPELINING: 'True', ANSIBLE_SSH_ARGS: ssh, LC_ALL: 'C.UTF-8' },
  }
}

function writeFleet(devices: readonly LabDevice[]): string {
  const place = mkdtempSync(join(tmpdir(), 'timeball-bench-'))
  const settings = readFileSync(join(paths.guide, 'fleet.yaml'), 'utf8')
    .replace(/\.timeball\/id_ed25519/, key)
    .replace(/\.timeball\/known_hosts/, knownHosts)
  writeFileSync(join(place, 'fleet.yaml'), `${settings}apply: { settle_timeout: 0s }\n`)
  writeFileSync(join(place, 'inventory.yml'), plainInventory(devices))
  mkdirSync(join(place, 'control'), { mode: 0o700 })
  return place
}

/** Resolved as Timeball does it, and the files that it would write, so that both do the same work. */
function imageOf(place: string): string {
  const args = ['plan', '--json', '-i', join(place, 'inventory.yml')]
  const plan = run(
    inLab(process.execPath, [join(repositoryRoot, 'fleet/src/main/timeball.ts'), ...args]),
  )
  const changes = plan.split('\n').find((line) => line.startsWith('{"type":"device_plan"')) ?? '{}'
  const parsed: { changes?: { resource: string; diff: { sign: string; text: string }[] }[] } =
    JSON.parse(changes)
  for (const [resource, name] of [
    ['docker-compose.rpi.yml', 'docker-compose.rpi.yml'],
    ['.env', 'env.j2'],
  ] as const) {
    const diff =
      parsed.changes?.find((change) => change.resource.endsWith(`/${resource}`))?.diff ?? []
    const text = diff.map((line) => line.text).join('\n')
    const env = text
      .replace(/=\*+$/m, `=${environment.API_KEY_1}`)
      .replace(/pi-lab-\d+$/m, '{{ inventory_hostname }}')
    writeFileSync(join(place, name), `${env}\n`)
  }
  const pull = parsed.changes?.find((change) => change.resource.startsWith('image:'))
  if (pull === undefined) throw new Error('the hosts have the image already; run lab down first')
  return pull.resource.slice('image:'.length)
}

function parallelSsh(remote: string): Command {
  const options = [
    ...['-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${knownHosts}`, '-i', key],
    ...[
      '-o',
      'ControlMaster=auto',
      '-o',
      'ControlPersist=60s',
      '-o',
      `ControlPath=${folder}/control/%C`,
    ],
  ].join(' ')
  const commands = hosts.map(
    ({ address }) => `ssh ${options} pi@${address} '${remote}' </dev/null &`,
  )
  return inLab('sh', ['-c', `${commands.join('\n')}\nwait`])
}

/** Back to how the host was before either tool, the packages aside: both find them installed. */
function resetDevice(): string {
  return [
    'sudo docker rm -f mcp-utc-time',
    'sudo docker image prune -af',
    'sudo rm -rf /opt/mcp-utc-time-server /var/lib/timeball',
    'sudo systemctl enable systemd-timesyncd',
    'true',
  ].join(' >/dev/null 2>&1; ')
}

function onEveryHost(name: string, command: () => string): void {
  measure(name, 1, parallelSsh(command()))
}

function report(all: readonly Timing[]): void {
  const of = (name: string): number => {
    const timing = all.find((each) => each.name === name)
    return timing === undefined ? Number.NaN : median(timing)
  }
  const raw = of('ssh HOST true, in parallel')
  const rows = all.map((timing) => ({
    name: timing.name,
    median: median(timing),
    seconds: timing.seconds,
  }))
  const ratios = {
    'no change: ansible-playbook / timeball':
      of('ansible-playbook, no change') / of('timeball apply, no change'),
    'first: ansible-playbook / timeball':
      of('ansible-playbook, first') / of('timeball apply, first'),
    'no change: timeball / (1.3 x ssh + 0.3 s)':
      of('timeball apply, no change') / (1.3 * raw + 0.3),
  }
  process.stdout.write(`| ${hosts.length} hosts | median, s | runs |\n| --- | ---: | ---: |\n`)
  for (const row of rows) {
    process.stdout.write(`| ${row.name} | ${row.median.toFixed(2)} | ${row.seconds.length} |\n`)
  }
  process.stdout.write('\n| ratio | |\n| --- | ---: |\n')
  for (const [name, ratio] of Object.entries(ratios)) {
    process.stdout.write(`| ${name} | ${ratio.toFixed(2)} |\n`)
  }
  const out = join(import.meta.dirname, 'results')
  mkdirSync(out, { recursive: true })
  writeFileSync(
    join(out, 'apply.json'),
    `${JSON.stringify({ hosts: hosts.length, rows, ratios }, null, 2)}\n`,
  )
}
