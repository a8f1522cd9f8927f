/** Queries against Debian's Prometheus, which scrapes an exporter of this test. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { askPrometheus } from './promql.ts'

const metrics = [
  'errors{device="pi-1",kind="a"} 1',
  'errors{device="pi-1",kind="b"} 4.5',
  'errors{device="pi-2",kind="a"} 9',
]

let url = ''
let folder = ''
const stops: (() => Promise<void>)[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timeball-promql-'))
  const scraped = Promise.withResolvers<void>()
  let scrapes = 0
  const exporter = createServer((_, response) => {
    response.end(`${metrics.join('\n')}\n`)
    scrapes += 1
    // The second begins when the first is stored.
    if (scrapes === 2) scraped.resolve()
  })
  const target = await listen(exporter)
  stops.push(async () => {
    exporter.closeAllConnections()
    exporter.close()
    await once(exporter, 'close')
  })
  const probe = createServer()
  const own = await listen(probe)
  probe.close()
  await once(probe, 'close')
  await startPrometheus(own, target)
  url = `http://${own}`
  await scraped.promise
})

after(async () => {
  for (const stop of stops.toReversed()) await stop()
  await rm(folder, { recursive: true, force: true })
})

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return `127.0.0.1:${address.port}`
}

async function startPrometheus(own: string, target: string): Promise<void> {
  const config = join(folder, 'prometheus.yml')
  const jobs = `scrape_configs: [{ job_name: t, static_configs: [{ targets: ['${target}'] }] }]`
  await writeFile(config, `global: { scrape_interval: 200ms, scrape_timeout: 200ms }\n${jobs}\n`)
  const options = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${own}`,
  ]
  const child = spawn('prometheus', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new Error('this test needs prometheus (Debian package prometheus)', { cause })
  })
  stops.push(async () => {
    child.kill()
    await ended
  })
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('Server is ready')) break
  }
  assert.equal(child.exitCode, null, 'prometheus ended before it was ready')
  child.stderr.resume()
}

async function ask(query: string): Promise<readonly number[] | string> {
  const signal = new AbortController().signal
  const question = { prometheus: url, query, device: 'pi-1', timeoutMs: 10_000, signal }
  const result = await askPrometheus(question)
  return result.ok ? result.value : result.failure
}

test('every series of the device is read, and only those', async () => {
  assert.deepEqual(await ask('sort(errors{device="$device"})'), [1, 4.5])
  assert.deepEqual(await ask('scalar(sum(errors{device="$device"}))'), [5.5])
})

test('no such series is an empty answer', async () => {
  assert.deepEqual(await ask('errors{device="$device-x"}'), [])
})

test('a query with a mistake is refused with its place', async () => {
  assert.match(String(await ask('errors{')), /^Prometheus refuses: .*parse error/)
})

test('a range is no answer', async () => {
  assert.match(String(await ask('errors[1m]')), /no vector or scalar/)
})
