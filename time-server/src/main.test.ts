import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Environment } from './setting-kinds.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const build = fileURLToPath(new URL('../build.ts', import.meta.url))
/** Port 1 of loopback: nobody is there. */
const alone = { BIND_ADDRESS: '127.0.0.1', NTP_PORT: '1', HTTP_PORT: '0', METRICS_PORT: '0' }

function start(t: TestContext, argv: readonly string[], environment: Environment) {
  const child = spawn(process.execPath, argv, { env: { ...environment } })
  t.after(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  return { child, lines: createInterface(child.stderr), exitCode: async () => (await exit)[0] }
}

/** The port of `/health` in the first line of the log. */
async function httpPortOf(lines: NodeJS.EventEmitter): Promise<number> {
  const [line]: unknown[] = await once(lines, 'line')
  return Number(/"httpPort":(\d+)/.exec(String(line))?.[1])
}

test('it serves until it is told to end', async (t) => {
  const server = start(t, [main], alone)
  const port = await httpPortOf(server.lines)
  const response = await fetch(`http://127.0.0.1:${port}/health`)
  assert.equal(response.status, 503)
  server.child.kill('SIGTERM')
  assert.equal(await server.exitCode(), 0)
})

test('a wrong variable is 64 and named', async (t) => {
  const server = start(t, [main], { ...alone, ENABLE_GPS: 'perhaps' })
  assert.deepEqual(await once(server.lines, 'line'), ['time-server: ENABLE_GPS must be yes or no'])
  assert.equal(await server.exitCode(), 64)
})

test('a wrong argument is 64', async (t) => {
  assert.equal(await start(t, [main, 'serve'], alone).exitCode(), 64)
})

test('a port in use is 1 and a sentence', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const address = taken.address()
  assert.ok(typeof address === 'object' && address !== null)
  const server = start(t, [main], { ...alone, METRICS_PORT: String(address.port) })
  const [line]: unknown[] = await once(server.lines, 'line')
  assert.match(String(line), /^time-server: .*EADDRINUSE/)
  assert.equal(await server.exitCode(), 1)
})

test('an older Node is told which one is needed, in one sentence', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-older-'))
  t.after(() => rm(folder, { recursive: true }))
  const older = join(folder, 'older.cjs')
  await writeFile(
    older,
    "Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } })",
  )
  const launcher = fileURLToPath(new URL('../time-server.js', import.meta.url))
  const server = start(t, ['--require', older, launcher, 'mcp'], alone)
  const lines: string[] = []
  server.lines.on('line', (line) => lines.push(line))
  assert.equal(await server.exitCode(), 1)
  assert.deepEqual(lines.length, 1)
  assert.match(
    lines[0] ?? '',
    /^time-server: this is Node 20\.1\.0, and Node 26 or newer is needed: get/,
  )
})

test('the bundle is one file which runs alone, under the version that it was given', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-bundle-'))
  t.after(() => rm(folder, { recursive: true }))
  const bundle = join(folder, 'time-server.mjs')
  const building = start(t, [build, '--version', '9.8.7', '--out', bundle], process.env)
  assert.equal(await building.exitCode(), 0)
  assert.doesNotMatch(await readFile(bundle, 'utf8'), /from "(?!node:)/)

  // As the image's entry point starts it.
  const server = start(t, ['--max-semi-space-size=1', bundle], alone)
  const base = `http://127.0.0.1:${await httpPortOf(server.lines)}`
  const response = await fetch(`${base}/health`)
  assert.match(await response.text(), /"version":"9\.8\.7"/)
  await (await fetch(`${base}/api/openapi.json`)).text()
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8')
  const residentKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
  assert.ok(residentKb < 90 * 1024, `${residentKb} kB`)
})
