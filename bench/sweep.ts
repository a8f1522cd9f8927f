/**
 * `timeball clock` on many loopback servers against ntpdig in parallel and fping, in one run on the
 * same machine, in a network namespace of its own. The servers are simulated on the same machine,
 * and take their share of it.
 * Usage, with Debian's ntpsec-ntpdig and fping: `node bench/sweep.ts [--times 3] [--large 10000]`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { measure, median, run, type Timing } from './measure.ts'
import { serverAddress } from './server-address.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '3' },
    large: { type: 'string', default: '10000' },
    inside: { type: 'boolean', default: false },
  },
})
const small = 1_000
const large = Number(values.large)
const times = Number(values.times)

async function benchmark(): Promise<void> {
  await using servers = await startServers(large)
  void servers
  const folder = mkdtempSync(join(tmpdir(), 'timeball-bench-'))
  try {
    report(
      { few: sweeps(small), many: sweeps(large), unfiltered: sweeps(small, 1) },
      compare(folder),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function startServers(count: number): Promise<AsyncDisposable> {
  const program = join(import.meta.dirname, 'ntp-servers.ts')
  const child = spawn(process.execPath, [program, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error()))])
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}

/** What sweep-once.ts prints. */
const sweepLine = z.object({
  seconds: z.number(),
  measured: z.number(),
  answered: z.number(),
  medianErrorSeconds: z.number(),
  outsideTheirError: z.number(),
  medianWrongSeconds: z.number(),
  worstWrongSeconds: z.number(),
  peakMegabytes: z.number(),
  cpuSeconds: z.number(),
})
type SweepLine = z.infer<typeof sweepLine>

interface Sweeps {
  readonly count: number
  readonly runs: readonly SweepLine[]
}

function sweeps(count: number, samples = 4): Sweeps {
  const args = [join(import.meta.dirname, 'sweep-once.ts'), String(count), String(samples)]
  const runs = Array.from({ length: times }, () =>
    sweepLine.parse(JSON.parse(run({ file: process.execPath, args }))),
  )
  return { count, runs }
}

/** Whole commands, from the start of the process on, for 1,000 servers with 4 samples each. */
function compare(folder: string): Timing[] {
  const addresses = Array.from({ length: small }, (_, index) => serverAddress(index))
  const list = join(folder, 'addresses')
  writeFileSync(list, `${addresses.join('\n')}\n`)
  const hosts = addresses.map(
    (address, index) => `        pi-${index}: { ansible_host: ${address}, gps_enabled: yes }\n`,
  )
  const inventory = join(folder, 'inventory.yml')
  writeFileSync(inventory, `all:\n  children:\n    stratum1:\n      hosts:\n${hosts.join('')}`)
  const main = join(import.meta.dirname, '../fleet/src/main/timeball.ts')
  const clock = [main, 'clock', '--json', '--no-http', '-i', inventory]
  const digs = `xargs -P ${availableParallelism() * 4} -n 1 ntpdig -p 4 -t 1 < ${list} > ${folder}/digs`
  return [
    measure('timeball clock', times, { file: process.execPath, args: clock }),
    measure('fping -c 4', times, {
      file: 'sh',
      args: ['-c', `fping -q -c 4 -p 100 -i 0.2 -f ${list} 2> ${folder}/fping`],
    }),
    measure('ntpdig -p 4, in parallel', 1, { file: 'sh', args: ['-c', digs] }),
  ]
}

interface Measured {
  readonly few: Sweeps
  readonly many: Sweeps
  /** `few` with one sample each, so that there is nothing to choose from. */
  readonly unfiltered: Sweeps
}

function report({ few, many, unfiltered }: Measured, commands: readonly Timing[]): void {
  const [own] = commands
  const base = own === undefined ? Number.NaN : median(own)
  console.log(`\n${small} servers, 4 samples each, whole commands (median of ${times}):`)
  for (const timing of commands) {
    const seconds = median(timing)
    const ratio = (seconds / base).toFixed(2)
    console.log(`  ${timing.name.padEnd(26)} ${seconds.toFixed(2).padStart(7)} s  ${ratio} ×`)
  }
  console.log('\nthe sweep alone:')
  for (const { count, runs } of [few, many]) {
    const worst = (of: (line: SweepLine) => number): number => Math.max(...runs.map(of))
    console.log(
      `  ${String(count).padStart(6)} servers: ${worst(({ seconds }) => seconds).toFixed(2)} s, ` +
        `${worst(({ peakMegabytes }) => peakMegabytes).toFixed(0)} MB, ` +
        `${Math.min(...runs.map(({ measured }) => measured))} measured, ` +
        `median error ${(worst((line) => line.medianErrorSeconds) * 1e6).toFixed(0)} µs, ` +
        `${worst((line) => line.outsideTheirError)} outside their error bound (worst of ${runs.length})`,
    )
  }
  console.log(`\nhow wrong offsets are measured (median, and the worst of all ${few.count}):`)
  for (const [name, { runs }] of [
    ['one sample', unfiltered],
    ['the clock filter: of 4 samples that of the lowest delay', few],
  ] as const) {
    const worst = (of: (line: SweepLine) => number): string =>
      (Math.max(...runs.map(of)) * 1e6).toFixed(0)
    const median = worst((line) => line.medianWrongSeconds)
    console.log(`  ${name}: ${median} µs, ${worst((line) => line.worstWrongSeconds)} µs`)
  }
  const results = join(import.meta.dirname, 'results')
  mkdirSync(results, { recursive: true })
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    node: process.version,
  }
  writeFileSync(
    join(results, 'sweep.json'),
    `${JSON.stringify({ machine, sweeps: [few, many], unfiltered, commands }, null, 2)}\n`,
  )
}

if (values.inside) await benchmark()
else {
  const inside = [
    import.meta.filename,
    '--inside',
    '--times',
    values.times,
    '--large',
    values.large,
  ]
  const commands = 'ip link set lo up && ulimit -n 20000 && exec "$@"'
  const shell = ['sh', '-c', commands, 'sh', process.execPath, ...inside]
  const { status } = spawnSync('unshare', ['--map-root-user', '--net', ...shell], {
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
}
