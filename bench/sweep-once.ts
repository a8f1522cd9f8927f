/** One sweep in a process of its own, for bench/sweep.ts: prints what it took as a line of JSON. */
import { sweepNtp } from '@timeball/clock/sweep/sweep.ts'
import { serverAddress } from './server-address.ts'

const count = Number(process.argv[2])
const samples = 4
const targets = Array.from({ length: count }, (_, index) => {
  return { address: serverAddress(index), port: 123, samples, spacingMs: 100, key: null }
})
const { signal } = new AbortController()
const sweep = await sweepNtp(targets, { timeoutMs: 1_000, sendsPerSecond: 8_000, signal })
const results = sweep.servers.flatMap(({ result }) => (result.ok ? [result.value] : []))
const errors = results.map(({ errorSeconds }) => errorSeconds).toSorted((a, b) => a - b)
const outside = results.filter((each) => Math.abs(each.offsetSeconds) > each.errorSeconds)
console.log(
  JSON.stringify({
    seconds: sweep.tookSeconds,
    measured: results.length,
    answered: sweep.servers.reduce((sum, { answered }) => sum + answered, 0),
    medianErrorSeconds: errors[errors.length >> 1],
    outsideTheirError: outside.length,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    cpuSeconds: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  }),
)
