/**
 * `timeball run -- true` on many devices beside `clush -b` and `ansible -m command`, and raw parallel
 * `ssh HOST true`, in one run. The devices are simulated, in a process of their own; ssh is real.
 * Usage (Debian: clustershell, ansible): `node bench/run.ts [--hosts 16] [--times 5]`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { startEmbeddedFleet } from '@timeball/lab/embedded/start.ts'
import { type Command, measure, median, type Timing } from './measure.ts'

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '16' },
    times: { type: 'string', default: '5' },
    serve: { type: 'string' },
  },
})
const count = Number(values.hosts)
const repository = join(import.meta.dirname, '..')

if (values.serve === undefined) await benchmark()
else await serve(values.serve)

/** The devices live as long as the process that measures them. */
async function serve(directory: string): Promise<void> {
  const devices = Array.from({ length: count }, (_, index) => ({
    ...{ name: `pi-${String(index + 1).padStart(2, '0')}`, group: 'stratum2' as const },
    ntpServers: ['192.0.2.1'],
  }))
  const fleet = await startEmbeddedFleet({ directory, devices })
  process.stdout.write('ready\n')
  process.stdin.resume()
  await once(process.stdin, 'end')
  await fleet.stop()
}

async function benchmark(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tb-run-'))
  const argv = [import.meta.filename, '--serve', directory, '--hosts', String(count)]
  const devices = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await once(createInterface(devices.stdout), 'line')
    report(measureAll(directory))
  } finally {
    devices.stdin.end()
    await once(devices, 'exit')
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Peer {
  readonly name: string
  /** `sockets`: a folder for its kept connections. */
  readonly command: (sockets: string) => Command
}

/**
 * In turn, so that what else the machine does meets all of them alike. New: each run opens its
 * connections; kept: it finds those of a run before it, which is not counted.
 */
function measureAll(directory: string): readonly Timing[] {
  const rounds = Array.from({ length: Number(values.times) }, (_, index) => index)
  let folders = 0
  const fresh = (): string => {
    folders += 1
    const folder = join(directory, `s${folders}`)
    mkdirSync(folder, { mode: 0o700 })
    return folder
  }
  const peers = peersOf(directory).map((peer) => ({ ...peer, kept: fresh() }))
  // This also makes the bundle of the program.
  for (const { name, command, kept } of peers) measure(`${name}, first`, 1, command(kept))
  const inTurn = (kind: string, folder: (kept: string) => string): readonly Timing[] => {
    const taken = rounds.flatMap(() =>
      peers.map(({ name, command, kept }) =>
        measure(`${name}, ${kind} connections`, 1, command(folder(kept))),
      ),
    )
    const byName = Map.groupBy(taken, ({ name }) => name)
    return [...byName].map(([name, all]) => ({
      name,
      seconds: all.flatMap(({ seconds }) => seconds),
    }))
  }
  return [...inTurn('kept', (kept) => kept), ...inTurn('new', fresh)]
}

function peersOf(directory: string): readonly Peer[] {
  const inventory = join(directory, 'inventory.yml')
  const text = readFileSync(inventory, 'utf8')
  const all = (key: string): readonly string[] =>
    [...text.matchAll(new RegExp(`${key}: "?([^\\s"},]+)`, 'g'))].map(([, value = '']) => value)
  const addresses = all('ansible_host')
  const [port = '22'] = all('ansible_port')
  const [user = ''] = all('ansible_user')
  const [key = ''] = all('private_key_file').length > 0 ? all('private_key_file') : keyIn(directory)
  const options = (sockets: string): string =>
    [
      ...['BatchMode=yes', `UserKnownHostsFile=${join(directory, 'known_hosts')}`],
      ...['ControlMaster=auto', `ControlPath=${sockets}/%C`, 'ControlPersist=60s'],
      ...[`IdentityFile=${key}`, `Port=${port}`],
    ]
      .map((option) => `-o ${option}`)
      .join(' ')
  return [
    {
      name: 'timeball run -- true',
      command: (sockets) => ({
        file: join(repository, 'timeball'),
        args: ['run', '-i', inventory, '--', 'true'],
        env: { XDG_RUNTIME_DIR: sockets },
      }),
    },
    {
      name: 'clush -b true',
      command: (sockets) => ({
        file: 'clush',
        // Its options pass Python's configparser, to which % is special.
        args: [
          '-b',
          '-l',
          user,
          '-o',
          options(sockets).replaceAll('%', '%%'),
          '-w',
          addresses.join(','),
          'true',
        ],
      }),
    },
    {
      name: 'ssh HOST true, in parallel',
      command: (sockets) => {
        const each = addresses.map(
          (address) => `ssh ${options(sockets)} ${user}@${address} true </dev/null &`,
        )
        return { file: 'sh', args: ['-c', `${each.join('\n')}\nwait`] }
      },
    },
    {
      name: 'ansible all -m command -a true',
      command: (sockets) => ({
        file: 'ansible',
        args: [
          'all',
          '-i',
          inventory,
          '--private-key',
          key,
          '-m',
          'command',
          '-a',
          'true',
          '-f',
          '16',
        ],
        env: {
          ...{ ANSIBLE_PIPELINING: 'True', LC_ALL: 'C.UTF-8', ANSIBLE_SSH_ARGS: options(sockets) },
          ANSIBLE_SSH_CONTROL_PATH: `${sockets}/%C`,
        },
      }),
    },
  ]
}

function keyIn(directory: string): readonly string[] {
  const settings = readFileSync(join(directory, 'fleet.yaml'), 'utf8')
  return [/private_key_file: "?([^\s"]+)/.exec(settings)?.[1] ?? '']
}

function report(timings: readonly Timing[]): void {
  const lines = ['new', 'kept'].flatMap((kind) => {
    const [own, ...peers] = timings.filter(({ name }) => name.endsWith(`${kind} connections`))
    if (own === undefined) return []
    return [own, ...peers].map((peer) => {
      const ratio = (median(own) / median(peer)).toFixed(2)
      return `| ${peer.name} | ${median(peer).toFixed(2)} | ${ratio} |`
    })
  })
  const head = `| ${count} hosts | median, s | timeball / it |\n| --- | ---: | ---: |`
  process.stdout.write(`${head}\n${lines.join('\n')}\n`)
  const results = join(import.meta.dirname, 'results/run.json')
  writeFileSync(results, `${JSON.stringify({ hosts: count, timings }, null, 2)}\n`)
}
