/**
 * What plan, apply, sweep, quorum, rollout and the page for Prometheus cost the controller at fleets of
 * growing size, and how each grows. Devices are models that answer at once: what devices and the
 * network take is not in it. Usage: `node bench/scale.ts [--sizes 100,1000,10000]`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { run } from './measure.ts'

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: '100,1000,10000' } },
})
const sizes = values.sizes.split(',').map(Number)

/** What scale-once.ts prints. */
const lineSchema = z.union([
  z.object({
    name: z.string(),
    seconds: z.number(),
    cpuSeconds: z.number(),
    peakMegabytes: z.number(),
  }),
  z.object({ name: z.string(), value: z.number() }),
])
type Line = z.output<typeof lineSchema>

function measureOnce(size: number): readonly Line[] {
  const program = join(import.meta.dirname, 'scale-once.ts')
  return ['devices', 'clocks', 'rollout'].flatMap((part) => {
    process.stderr.write(`${size}: ${part}\n`)
    const text = run({ file: process.execPath, args: [program, String(size), part] })
    return text
      .trim()
      .split('\n')
      .map((line) => lineSchema.parse(JSON.parse(line)))
  })
}

/** Of a power of the size: 1 grows with the fleet, 2 with its square. */
function exponent(small: number, large: number, ratio: number): string {
  return (Math.log(large / small) / Math.log(ratio)).toFixed(1)
}

function cell(line: Line | undefined): string {
  if (line === undefined) return ''
  if ('value' in line) return String(line.value)
  return `${line.cpuSeconds.toPrecision(2)} s, ${line.peakMegabytes.toFixed(0)} MB`
}

function amount(line: Line | undefined): number {
  return line === undefined ? Number.NaN : 'value' in line ? line.value : line.cpuSeconds
}

const measured = sizes.map((size) => ({ size, lines: measureOnce(size) }))
const names = measured[0]?.lines.map(({ name }) => name) ?? []
const rows = [...new Set(names)].map((name) => {
  const found = measured.map(({ lines }) => lines.find((line) => line.name === name))
  const [before, last] = found.slice(-2)
  const ratio = (sizes.at(-1) ?? 1) / (sizes.at(-2) ?? 1)
  const grows = exponent(amount(before), amount(last), ratio)
  return `| ${name} | ${found.map(cell).join(' | ')} | ${grows} |\n`
})
const head = `| | ${sizes.join(' | ')} | power |\n| --- |${sizes.map(() => ' ---: |').join('')} ---: |\n`
process.stdout.write(`${head}${rows.join('')}`)
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version }
const out = join(import.meta.dirname, 'results')
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'scale.json'), `${JSON.stringify({ machine, measured }, null, 2)}\n`)
