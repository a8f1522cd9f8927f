// Debian packages: ntpsec, iproute2, util-linux, procps; chrony is only unpacked, because it cannot
// be installed beside ntpsec.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { unpackChrony } from '../test/chrony.ts'
import { get, healthThat } from '../test/device.ts'
import { until, world } from '../test/namespace.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const steered = { CLOCK_DISCIPLINE: 'no' }

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-daemon-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a chronyd that follows a server is told by chronyc', async (t) => {
  const folder = await temporaryFolder(t)
  const { chronyd, path } = await unpackChrony(folder)
  const device = await world(t)
  async function chrony(name: string, lines: readonly string[]) {
    const run = join(folder, name)
    await mkdir(run, { mode: 0o750 })
    const files = [`pidfile ${run}/pid`, `bindcmdaddress ${run}/sock`, 'user root']
    await writeFile(`${run}.conf`, `${[...lines, ...files].join('\n')}\n`)
    return device.start([chronyd, '-x', '-d', '-f', `${run}.conf`])
  }
  await chrony('source', ['local stratum 3', 'port 11123', 'cmdport 0', 'allow 127.0.0.0/8'])
  const poll = 'iburst minpoll 0 maxpoll 1'
  const follower = await chrony('follower', [
    `server 127.0.0.1 port 11123 ${poll}`,
    `server 127.0.0.9 port 11124 ${poll}`,
    'port 0',
  ])

  const environment = { ...steered, PATH: path, ENVIRONMENT: 'pi-chrony-01' }
  device.start([process.execPath, main], environment)
  const inStep = await healthThat(device, 30_000, /"synced":true/)
  assert.equal(inStep.status, 200, inStep.text)
  assert.match(inStep.text, /"selected":\{"address":"127\.0\.0\.1","tally":"\*","reach":\d+\}/)
  assert.match(inStep.text, /"stratum":4,/)
  const status = await get(device, 3000, '/api/ntp/status')
  assert.match(status?.text ?? '', /"daemon":"chronyd","asked_through":"chronyc"/)
  assert.match(status?.text ?? '', /"state":"synced"/)
  const time = await get(device, 3000, '/api/time')
  assert.match(time?.text ?? '', /"uncertainty_ms":\d+\.\d+/)
  assert.match((await get(device, 9090, '/metrics'))?.text ?? '', /^ntp_synced 1$/m)

  const pid = await readFile(join(folder, 'follower/pid'), 'utf8')
  await device.read(['kill', '-TERM', pid.trim()])
  await follower.ended
  const gone = await healthThat(device, 10_000, /"synced":null/)
  assert.equal(gone.status, 503)
})

test('a chronyd beside our ntpd is told, by its port where its process cannot be seen', async (t) => {
  const folder = await temporaryFolder(t)
  const { chronyd } = await unpackChrony(folder)
  const device = await world(t)
  const conf = join(folder, 'second.conf')
  await writeFile(conf, `port 0\nuser root\npidfile ${folder}/pid\nbindcmdaddress ${folder}/sock\n`)
  device.start([chronyd, '-x', '-d', '-f', conf])
  await until('its command port', 10_000, async () =>
    (await device.read(['cat', '/proc/net/udp'])).includes(':0143 ') ? true : null,
  )
  device.start([process.execPath, main], { NTP_DAEMON: 'ntpd' })
  const found = await healthThat(device, 10_000, /chronyd may steer this clock too/)
  assert.equal(found.status, 503)
  const status = await get(device, 3000, '/api/ntp/status')
  assert.match(status?.text ?? '', /"other_disciplines":\{"found":\["chronyd"\]/)
})

function addressesIn(text: string): string[] {
  return [...text.matchAll(/"address":"([^"]*)"/g)].flat()
}

test('ntpq tells the same as the control protocol', async (t) => {
  const folder = await temporaryFolder(t)
  const device = await world(t)
  const conf = join(folder, 'ntp.conf')
  const lines = [
    'tos minsane 1',
    'refclock local stratum 5 prefer minpoll 0 maxpoll 2',
    'restrict 127.0.0.1',
  ]
  await writeFile(conf, `${lines.join('\n')}\nserver 127.0.0.9 iburst\n`)
  device.start(['ntpd', '-n', '-g', '-4', '-c', conf])
  device.start([process.execPath, main], { ...steered, NTP_DAEMON: 'ntpq' })
  device.start([process.execPath, main], { ...steered, HTTP_PORT: '3001', METRICS_PORT: '9091' })
  const selected = /"address":"127\.127\.1\.0",.*?"tally":"\*"/
  const [byNtpq, byControl] = await Promise.all(
    [3000, 3001].map((port) =>
      until(`the local clock on ${port}`, 150_000, async () => {
        const answer = await get(device, port, '/api/ntp/peers')
        return selected.test(answer?.text ?? '') ? answer : null
      }),
    ),
  )
  assert.ok(byNtpq !== undefined && byControl !== undefined)
  assert.deepEqual(addressesIn(byNtpq.text), addressesIn(byControl.text))
  const status = await get(device, 3000, '/api/ntp/status')
  assert.match(status?.text ?? '', /"asked_through":"ntpq","daemon_version":"ntpd ntpsec/)
  assert.match(status?.text ?? '', /"synced":false,.*"leap":0,"stratum":6,/)
})
