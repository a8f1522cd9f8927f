/**
 * CPU time of short commands beside bare Node, from this clone and from the packed package, in one
 * run. Each is run in turn, so that whatever else the machine does is shared by all; the least time
 * of each counts, since other work only ever adds to it.
 * Usage, with bash: `node bench/startup.ts [--times 40]`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from './measure.ts'

const { values } = parseArgs({ options: { times: { type: 'string', default: '40' } } })
const times = Number(values.times)
const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'timeball-bench-'))

interface Subject {
  readonly name: string
  readonly command: readonly string[]
  /** Of bare Node's time; `null`: it is bare Node. */
  readonly wanted: number | null
}

/** User and system time, of bash's own children: this process cannot be told. */
function cpuMilliseconds({ command }: Subject): number {
  const timed = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1'
  const out = run({
    file: 'bash',
    args: ['-c', `{ ${timed}; } 2>&1`, 'bash', ...command],
    cwd: folder,
    env: { API_KEY_1: 'a-key-of-the-bench', XDG_CACHE_HOME: join(folder, 'cache') },
  })
  return out
    .trim()
    .split(' ')
    .reduce((sum, seconds) => sum + Number(seconds) * 1000, 0)
}

/** Twelve devices, and a `fleet.yaml` that names the fleet. */
function makeFleet(): void {
  const hosts = Array.from({ length: 12 }, (_, index) => {
    const role =
      index < 4 ? 'gps_enabled: yes, pps_enabled: yes, pps_gpio: 4' : 'ntp_servers: pi-01'
    return `    pi-${String(index + 1).padStart(2, '0')}: { ansible_host: 192.0.2.${index + 1}, ${role} }`
  })
  writeFileSync(join(folder, 'inventory.yml'), `all:\n  hosts:\n${hosts.join('\n')}\n`)
  writeFileSync(join(folder, 'fleet.yaml'), 'fleet: bench\n')
}

/** The path of the program of the package, packed and installed as a user has it. */
function installPackage(): string {
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const npm = (cwd: string, ...args: readonly string[]): void =>
    void run({ file: 'npm', args, cwd, env: { PATH: path } })
  npm(join(root, 'fleet'), 'pack', '--silent', '--pack-destination', folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', './timeball-0.1.0.tgz')
  return join(folder, 'node_modules/timeball/dist/main/timeball.cjs')
}

function subjects(packed: string): Subject[] {
  const clone = [join(root, 'timeball')]
  const node = process.execPath
  const commands = [
    { name: '--version', args: ['--version'], wanted: 1.5 },
    { name: '--help', args: ['--help'], wanted: 1.5 },
    { name: 'plan --offline, 12 devices', args: ['plan', '--offline'], wanted: 3 },
  ]
  const of = (place: string, program: readonly string[]): Subject[] =>
    commands.map(({ name, args, wanted }) => ({
      name: `timeball ${name} (${place})`,
      command: [...program, ...args],
      wanted,
    }))
  return [
    { name: 'node -e 0', command: [node, '-e', '0'], wanted: null },
    ...of('clone', clone),
    ...of('package', [node, packed]),
  ]
}

try {
  makeFleet()
  const all = subjects(installPackage())
  // The first runs make the bundle, and the code of each command.
  for (const subject of all) cpuMilliseconds(subject)
  const taken = all.map((): number[] => [])
  for (let round = 0; round < times; round += 1) {
    for (const [index, subject] of all.entries()) taken[index]?.push(cpuMilliseconds(subject))
  }
  const least = taken.map((list) => Math.min(...list))
  const [bare = Number.NaN] = least
  console.log(`CPU of ${times} runs each, the least of them:`)
  const results = all.map(({ name, wanted }, index) => {
    const milliseconds = least[index] ?? Number.NaN
    const ratio = milliseconds / bare
    const goal = wanted === null ? '' : `  wanted ${wanted} ×`
    console.log(
      `  ${name.padEnd(42)} ${milliseconds.toFixed(0).padStart(4)} ms  ${ratio.toFixed(2)} ×${goal}`,
    )
    return { name, milliseconds, ratio, wanted }
  })
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    node: process.version,
  }
  mkdirSync(join(import.meta.dirname, 'results'), { recursive: true })
  writeFileSync(
    join(import.meta.dirname, 'results/startup.json'),
    `${JSON.stringify({ machine, times, results }, null, 2)}\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
