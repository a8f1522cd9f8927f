/**
 * One sweep in a process of its own, for bench/sweep.ts: prints what it took as a line of JSON. Usage:
 * `node sweep-once.ts COUNT [SAMPLES]`.
 */
import { sweepNtp } from '@timeball/clock/sweep/sweep.ts'
import { serverAddress } from './server-address.ts'

const count = Number(process.argv[2])
const samples = Number(process.argv[3] ?? 4)
const targets = Array.from({ length: count }, (_, index) => {
  return { address: serverAddress(index), port: 123, samples, spacingMs: 100, key: null }
})
const { signal } = new AbortController()
const sweep = await sweepNtp(targets, { timeoutMs: 1_000, sendsPerSecond: 8_000, signal })
const results = sweep.servers.flatMap(({ result }) => (result.ok ? [result.value] : []))
const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const errors = ascending(results.map(({ errorSeconds }) => errorSeconds))
// All servers show this machine's time: what they are measured to be off by is not true.
const wrong = ascending(results.map(({ offsetSeconds }) => Math.abs(offsetSeconds)))
const outside = results.filter((each) => Math.abs(each.offsetSeconds) > each.errorSeconds)
console.log(
  JSON.stringify({
    seconds: sweep.tookSeconds,
    measured: results.length,
    answered: sweep.servers.reduce((sum, { answered }) => sum + answered, 0),
    medianErrorSeconds: errors[errors.length >> 1],
    outsideTheirError: outside.length,
    medianWrongSeconds: wrong[wrong.length >> 1],
    worstWrongSeconds: wrong.at(-1),
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    cpuSeconds: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  }),
)
