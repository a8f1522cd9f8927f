/**
 * `timeball backup run` of 16 virtual Pis against `ssh tar` in parallel, which neither encrypts nor
 * looks at what it gets, and `ansible -m fetch` of two files, all in one run on the same machine.
 * Usage, as root on Debian: `node bench/backup.ts [--hosts 16] [--times 5]`.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { plainHosts } from '@timeball/lab/pis/devices.ts'
import { plainInventory } from '@timeball/lab/pis/inventory.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { labPaths, repositoryRoot } from '@timeball/lab/pis/settings.ts'
import { type Command, measure, median, type Timing } from './measure.ts'

const { values } = parseArgs({
  options: { hosts: { type: 'string', default: '16' }, times: { type: 'string', default: '5' } },
})
const times = Number(values.times)
const paths = labPaths(process.env)
const key = join(paths.guideState, 'id_ed25519')
const knownHosts = join(paths.guideState, 'known_hosts')
const up = await labUp({ hosts: Number(values.hosts), serverImages: 'no', onProgress: () => {} })
if (!up.ok) throw new Error(up.failure.detail)
const hosts = plainHosts(Number(values.hosts))
const folder = mkdtempSync(join(tmpdir(), 'timeball-bench-'))
const project = '/opt/mcp-utc-time-server'
writeFleet()
measure(
  'files on every host',
  1,
  parallelSsh(makeFiles(), () => '/dev/null'),
)

const timings: Timing[] = [
  measure('ssh tar, in parallel', times, plainTar()),
  measure('timeball backup run, first', 1, timeball()),
  measure('timeball backup run, again', times, timeball()),
  measure('ansible -m fetch, two files', Math.min(times, 2), {
    ...inLab('sh', ['-c', ['.env', 'docker-compose.rpi.yml'].map(fetchCommand).join(' && ')]),
  }),
]
report()
rmSync(folder, { recursive: true })

function writeFleet(): void {
  const made = execFileSync('age-keygen', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const recipient = /public key: (\S+)/.exec(made)?.[1] ?? ''
  const settings = readFileSync(join(paths.guide, 'fleet.yaml'), 'utf8')
    .replace(/\.timeball\/id_ed25519/, key)
    .replace(/\.timeball\/known_hosts/, knownHosts)
    .replace('namespace: timeball-lab', `namespace: ${namespaceName}`)
  writeFileSync(join(folder, 'fleet.yaml'), `${settings}backup: { recipients: [${recipient}] }\n`)
  writeFileSync(join(folder, 'inventory.yml'), plainInventory(hosts))
  mkdirSync(join(folder, 'control'), { mode: 0o700 })
  mkdirSync(join(folder, 'plain'))
}

/** What an apply would leave. */
function makeFiles(): string {
  return [
    `sudo mkdir -p ${project} /var/lib/timeball/generations/1`,
    `echo API_KEY_1=key-of-the-benchmark | sudo tee ${project}/.env`,
    `seq 40 | sudo tee ${project}/docker-compose.rpi.yml /var/lib/timeball/generations/1/manifest`,
  ].join(' && ')
}

function inLab(file: string, args: readonly string[]): Command {
  const ssh = `-o UserKnownHostsFile=${knownHosts} -o ControlMaster=auto -o ControlPersist=60s`
  return {
    file: 'ip',
    args: ['netns', 'exec', namespaceName, file, ...args],
    env: {
      API_KEY_1: 'key-of-the-benchmark-only',
      ...{ ANSIBLE_PIPELINING: 'True', ANSIBLE_SSH_ARGS: ssh, LC_ALL: 'C.UTF-8' },
    },
  }
}

function timeball(): Command {
  const words = ['backup', 'run', '--no-controller', '-i', join(folder, 'inventory.yml')]
  return inLab(join(repositoryRoot, 'timeball'), words)
}

function plainTar(): Command {
  const remote = `sudo tar -cf - ${project} /var/lib/timeball /etc/hostname /boot/firmware 2>/dev/null; sudo docker logs --since 24h mcp-utc-time 2>&1; dpkg-query -W`
  return parallelSsh(remote, (name) => join(folder, 'plain', name))
}

function parallelSsh(remote: string, output: (name: string) => string): Command {
  const options = [
    ...['-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${knownHosts}`, '-i', key],
    ...['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s'],
    ...['-o', `ControlPath=${folder}/control/%C`],
  ].join(' ')
  const commands = hosts.map(
    ({ name, address }) => `ssh ${options} pi@${address} '${remote}' </dev/null >${output(name)} &`,
  )
  return inLab('sh', ['-c', `${commands.join('\n')}\nwait`])
}

function fetchCommand(file: string): string {
  const inventory = join(folder, 'inventory.yml')
  const fetch = `src=${project}/${file} dest=${folder}/fetched/`
  return `ansible all -i ${inventory} --private-key ${key} --forks 16 --become -m fetch -a '${fetch}'`
}

function report(): void {
  const of = (name: string): number => {
    const timing = timings.find((each) => each.name === name)
    return timing === undefined ? Number.NaN : median(timing)
  }
  const rows = timings.map((timing) => ({ ...timing, median: median(timing) }))
  const ratios = {
    'timeball, again / ssh tar': of('timeball backup run, again') / of('ssh tar, in parallel'),
    'ansible fetch / timeball, again':
      of('ansible -m fetch, two files') / of('timeball backup run, again'),
  }
  process.stdout.write(`| ${hosts.length} hosts | median, s | runs |\n| --- | ---: | ---: |\n`)
  for (const row of rows) {
    process.stdout.write(`| ${row.name} | ${row.median.toFixed(2)} | ${row.seconds.length} |\n`)
  }
  for (const [name, ratio] of Object.entries(ratios)) {
    process.stdout.write(`| ${name} | ${ratio.toFixed(2)} | |\n`)
  }
  const out = join(import.meta.dirname, 'results')
  mkdirSync(out, { recursive: true })
  const result = { hosts: hosts.length, rows, ratios }
  writeFileSync(join(out, 'backup.json'), `${JSON.stringify(result, null, 2)}\n`)
}
