/** The stack as programs of this machine. Needs Debian's prometheus and prometheus-alertmanager. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideInventory } from '../make-fleet.ts'
import { ownMetrics } from './own-metrics.ts'
import { timeballProgram } from '../run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-programs-'))
let ports: readonly number[] = []

function monitoring(...args: readonly string[]): { exit: number | null; said: string } {
  const argv = [timeballProgram, 'monitoring', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    cwd: folder,
    encoding: 'utf8',
  })
  return { exit: status, said: `${stdout}${stderr}` }
}

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const address = socket.address()
  socket.close()
  await once(socket, 'close')
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

function setUp(disk: number): void {
  const settings = `health: { disk_percent: ${disk} }
monitoring:
  prometheus: { port: ${ports[0]} }
  alertmanager: { port: ${ports[1]} }
  controller: none
`
  writeFileSync(join(folder, 'fleet.yaml'), settings)
}

function pidOf(name: string): number {
  return JSON.parse(readFileSync(join(folder, `monitoring/data/${name}.pid`), 'utf8')).pid
}

before(async () => {
  ports = [await freePort(), await freePort()]
  // Nothing listens there: no test sends anything to the guide's addresses.
  writeFileSync(join(folder, 'inventory.yml'), guideInventory.replaceAll('192.168.1.', '127.9.9.'))
  setUp(80)
})
after(() => {
  monitoring('down', '--with', 'host')
  rmSync(folder, { recursive: true })
})

test('up starts both and waits until they are ready', () => {
  const up = monitoring('up', '--with', 'host')
  assert.equal(up.exit, 0, `${up.said}\ntest/install-packages`)
  assert.equal(monitoring('status', '--with', 'host').exit, 0)
})

test('both export what the rules about them use', async () => {
  for (const [index, names] of [ownMetrics.prometheus, ownMetrics.alertmanager].entries()) {
    const text = await (await fetch(`http://127.0.0.1:${ports[index]}/metrics`)).text()
    for (const name of names) assert.match(text, new RegExp(`^${name}[{ ]`, 'm'))
  }
})

test('up again makes what runs read the new rules, and starts nothing', async () => {
  const pid = pidOf('prometheus')
  setUp(77)
  assert.equal(monitoring('up', '--with', 'host').exit, 0)
  assert.equal(pidOf('prometheus'), pid)
  const rules = `http://127.0.0.1:${ports[0]}/api/v1/rules`
  for (let tries = 0; tries < 400; tries += 1) {
    // JSON may have the sign as an escape.
    if (/disk_usage_percent (?:>|\\u003e) 77/.test(await (await fetch(rules)).text())) return
    await new Promise((wake) => setTimeout(wake, 50))
  }
  assert.fail('the rules are the old ones')
})

test('one that died is told as stopped, and up starts it again', () => {
  process.kill(pidOf('alertmanager'), 'SIGKILL')
  const status = monitoring('status', '--with', 'host')
  assert.equal(status.exit, 1)
  assert.match(status.said, /alertmanager +stopped/)
  assert.equal(monitoring('up', '--with', 'host').exit, 0)
})

test('a port that is taken is told with the reason', () => {
  const [first = 0] = ports
  ports = [first, first]
  setUp(77)
  const up = monitoring('up', '--with', 'host')
  assert.equal(up.exit, 1)
  assert.match(up.said, /alertmanager: something else listens on/)
})

test('down ends what up started, and no process that has its number by chance', async () => {
  assert.equal(monitoring('down', '--with', 'host').exit, 0)
  await assert.rejects(fetch(`http://127.0.0.1:${ports[0]}/-/ready`))
  mkdirSync(join(folder, 'monitoring/data'), { recursive: true })
  const record = { pid: process.pid, start: 'another/1', args: [] }
  writeFileSync(join(folder, 'monitoring/data/prometheus.pid'), JSON.stringify(record))
  // This process would not survive it.
  assert.equal(monitoring('down', '--with', 'host').exit, 0)
})
