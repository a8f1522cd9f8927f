// Debian packages: ntpsec, iproute2, util-linux, procps; chrony is only unpacked.
// Real daemons whose upstreams jump, run free, roll over or lie: what they say of themselves, and
// what the time server makes of it.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as pathJoin } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { unpackChrony } from './test/chrony.ts'
import { get, healthThat, startDevice } from './test/device.ts'
import { join, world } from './test/namespace.ts'
import type { World } from './test/namespace.ts'
import { startUpstreams } from './test/upstreams.ts'
import type { Saying, Upstreams } from './test/upstreams.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const steered = { CLOCK_DISCIPLINE: 'no' }
const weeks1024 = 1024 * 7 * 86_400

/** A device, and three servers that it can reach. */
async function joined(t: TestContext): Promise<[World, Upstreams]> {
  const [source, device] = [await world(t), await world(t)]
  await join(source, device)
  return [device, await startUpstreams(t, source, 3)]
}

async function ntpdFollowing(t: TestContext): Promise<[World, Upstreams]> {
  const [device, upstreams] = await joined(t)
  startDevice(device, {
    ...steered,
    NTP_SERVERS: upstreams.addresses.join(','),
    NTP_MINPOLL: '3',
    NTP_MAXPOLL: '3',
  })
  const found = await healthThat(device, 150_000, /"synced":true/)
  assert.match(found.text, /"status":"healthy".*"contradictions":\[\]/)
  return [device, upstreams]
}

async function chronydFollowing(t: TestContext): Promise<[World, Upstreams]> {
  const folder = await mkdtemp(pathJoin(tmpdir(), 'timeball-upstreams-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const { chronyd, path } = await unpackChrony(folder)
  const [device, upstreams] = await joined(t)
  // Where chronyc looks for it by itself; /run is the world's own.
  const run = '/run/chrony'
  await device.read(['mkdir', '-m', '0750', run])
  const conf = pathJoin(folder, 'chrony.conf')
  const servers = upstreams.addresses.map((each) => `server ${each} iburst minpoll 0 maxpoll 1`)
  const files = [`pidfile ${run}/chronyd.pid`, `bindcmdaddress ${run}/chronyd.sock`]
  await writeFile(conf, `${[...servers, ...files, 'port 0', 'user root'].join('\n')}\n`)
  device.start([chronyd, '-x', '-d', '-f', conf])
  device.start([process.execPath, main], { ...steered, PATH: path })
  const found = await healthThat(device, 60_000, /"synced":true/)
  assert.match(found.text, /"status":"healthy".*"contradictions":\[\]/)
  return [device, upstreams]
}

const metricsOf = async (device: World): Promise<string> =>
  (await get(device, 9090, '/metrics'))?.text ?? ''

/** Free clocks in the words of chrony's `local`, ntpd's driver, and orphan mode. */
const freeClocks: readonly Saying[] = [
  { stratum: 10, refid: '127.127.1.1' },
  { stratum: 5, refid: '127.127.1.0' },
  { stratum: 5, refid: 'LOCL' },
  { stratum: 5, refid: '127.0.0.1' },
]

// They wait for the daemons' polls most of the time.
describe('real daemons', { concurrency: 4 }, () => {
  test('an ntpd whose sources jump keeps its offset, and is not believed', async (t) => {
    const [device, upstreams] = await ntpdFollowing(t)
    await upstreams.say({ aheadSeconds: 0.4 })
    const found = await healthThat(device, 60_000, /"contradictions":\["offset"\]/)
    assert.equal(found.status, 200)
    assert.match(found.text, /"status":"degraded","reasons":\["the daemon says that its offset is /)
    assert.match(found.text, /"synced":null,.*"offset_ms":(39|40)\d\.\d+,/)
    const metrics = await metricsOf(device)
    assert.match(metrics, /^ntp_contradiction\{kind="offset"\} 1$/m)
    assert.match(metrics, /^ntp_synced 0$/m)
    assert.match(metrics, /^ntp_offset_ms (39|40)\d\.\d+$/m)
    assert.doesNotMatch(metrics, /^ntp_uncertainty_seconds/m, 'no bound where there is no verdict')
    await upstreams.say({})
    await healthThat(device, 60_000, /"status":"healthy".*"contradictions":\[\]/)
  })

  test('an ntpd whose sources run free is not in step, whatever they call it', async (t) => {
    const [device, upstreams] = await ntpdFollowing(t)
    for (const saying of freeClocks) {
      await upstreams.say(saying)
      const found = await healthThat(device, 60_000, /follows only its own clock/)
      assert.equal(found.status, 503, JSON.stringify(saying))
      assert.match(found.text, /"synced":false,.*"selected":\{/)
      assert.match(await metricsOf(device), /^ntp_synced 0$/m)
      await upstreams.say({})
      await healthThat(device, 60_000, /"status":"healthy"/)
    }
  })

  test('an ntpd whose sources roll over does not follow, and names them', async (t) => {
    const [device, upstreams] = await ntpdFollowing(t)
    await upstreams.say({ aheadSeconds: -weeks1024 })
    const all = /too far away for any clock to follow: (192\.0\.2\.\d+ \(-6193\d{5} s\)(, )?){3}"/
    const found = await healthThat(device, 60_000, all)
    assert.match(found.text, /"status":"degraded".*"synced":(false|null)/)
  })

  test('one source of an ntpd that lies is named as a falseticker', async (t) => {
    const [device, upstreams] = await ntpdFollowing(t)
    await upstreams.say({ aheadSeconds: 5 }, '192.0.2.21')
    const found = await healthThat(device, 150_000, /falsetickers: 192\.0\.2\.21/)
    assert.match(found.text, /"status":"degraded".*"synced":true/)
  })

  test('a chronyd whose sources jump is off by as much until it has followed', async (t) => {
    const [device, upstreams] = await chronydFollowing(t)
    await upstreams.say({ aheadSeconds: 0.4 })
    // With -x its own time follows and that of the system does not.
    const found = await healthThat(device, 60_000, /"reasons":\["offset (39|40)\d\.\d+ ms is above/)
    assert.equal(found.status, 200)
    assert.match(found.text, /"contradictions":\[\]/)
  })

  test('a chronyd whose sources run free is not in step, whatever they call it', async (t) => {
    const [device, upstreams] = await chronydFollowing(t)
    for (const saying of freeClocks) {
      await upstreams.say(saying)
      const found = await healthThat(device, 60_000, /follows only its own clock/)
      assert.equal(found.status, 503, JSON.stringify(saying))
      assert.match(found.text, /"synced":false,.*"selected":\{/)
      await upstreams.say({})
      await healthThat(device, 60_000, /"status":"healthy"/)
    }
  })

  test('a chronyd whose sources roll over is not in step', async (t) => {
    const [device, upstreams] = await chronydFollowing(t)
    await upstreams.say({ aheadSeconds: -weeks1024 })
    const found = await healthThat(device, 60_000, /root distance \d{12} ms: clients reject/)
    assert.equal(found.status, 503)
  })
})
