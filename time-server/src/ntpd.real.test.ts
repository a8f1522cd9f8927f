// Debian packages: ntpsec, gpsd, iproute2, util-linux, procps, python3.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as pathJoin } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { get, healthThat, startDevice } from './test/device.ts'
import { join, until, world } from './test/namespace.ts'
import type { Run, World } from './test/namespace.ts'
import { startUpstreams } from './test/upstreams.ts'

const steered = { CLOCK_DISCIPLINE: 'no' }

/** An ntpd that believes its own clock: the only source there can be without hardware. */
async function believer(t: TestContext, place: World): Promise<Run> {
  const folder = await mkdtemp(pathJoin(tmpdir(), 'timeball-ntpd-'))
  t.after(() => rm(folder, { recursive: true }))
  const conf = pathJoin(folder, 'ntp.conf')
  const lines = [
    'tos minsane 1',
    'refclock local stratum 5 prefer minpoll 0 maxpoll 2',
    'restrict default limited nomodify noquery',
    'restrict 127.0.0.1',
  ]
  await writeFile(conf, `${lines.join('\n')}\n`)
  return place.start(['ntpd', '-n', '-g', '-4', '-c', conf])
}

/** As behind one router: asks so many times at once, and prints how many answers give the time. */
const askAtOnce = `
import socket, sys
asked = int(sys.argv[2])
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
client.connect((sys.argv[1], 123))
served = 0
for _ in range(asked):
    client.send(b'\\x23' + bytes(47))
    served += client.recv(512)[1] != 0
print(served)
`

test('a device that follows another server is in step, until ntpd stops', async (t) => {
  const source = await world(t)
  const device = await world(t)
  await join(source, device)
  await startUpstreams(t, source, 1)
  const servers = { NTP_SERVERS: '192.0.2.1', NTP_MINPOLL: '3', NTP_MAXPOLL: '3' }
  const run = startDevice(device, { ...servers, ...steered, ENVIRONMENT: 'pi-ntp-01' })

  const settling = await healthThat(device, 30_000, /"device":"pi-ntp-01"/)
  assert.equal(settling.status, 503)
  const inStep = await healthThat(device, 150_000, /"synced":true/)
  assert.equal(inStep.status, 200)
  assert.match(inStep.text, /"selected":\{"address":"192\.0\.2\.1","tally":"\*","reach":\d+\}/)
  assert.match(inStep.text, /"reasons":\["only 1 of at least 2 sources answer"\]/)
  const metrics = await get(device, 9090, '/metrics')
  assert.match(metrics?.text ?? '', /^ntp_synced 1$/m)
  assert.match(metrics?.text ?? '', /^ntp_peer_reach\{peer="192\.0\.2\.1"\}/m)
  assert.doesNotMatch(run.output(), /syntax error/)
  assert.equal(await source.read(['python3', '-c', askAtOnce, '192.0.2.2', '60']), '60\n')

  const ntpd = (await device.read(['cat', '/run/time-server/ntpd.pid'])).trim()
  await device.read(['kill', '-STOP', ntpd])
  const hung = await healthThat(device, 30_000, /"synced":null/)
  assert.equal(hung.status, 503)
  assert.match(hung.text, /"reasons":\["ntpd does not answer"/)
  await device.read(['kill', '-CONT', ntpd])
  await healthThat(device, 30_000, /"synced":true/)

  await device.read(['kill', '-KILL', ntpd])
  assert.equal(await run.ended, 137)
  assert.match(run.output(), /entrypoint: ntpd ended with 137: stopping/)
})

test('an ntpd that may not steer the clock looks perfect, and is found out', async (t) => {
  const source = await world(t)
  const device = await world(t)
  await join(source, device)
  await startUpstreams(t, source, 1)
  const run = startDevice(device, { NTP_SERVERS: '192.0.2.1', NTP_MINPOLL: '3' })
  const found = await healthThat(device, 150_000, /"synced":true/)
  assert.equal(found.status, 503)
  assert.match(found.text, /"reasons":\["ntpd lacks CAP_SYS_TIME: nothing steers the clock"/)
  assert.match(found.text, /"disciplined":false/)

  const processes = await device.read(['ps', '-eo', 'uid=,pid=,args='])
  assert.match(processes, /^ *64123 .*main\.ts$/m, 'the HTTP server is not root')
  const entryPoint = /^ *0 +(\d+) sh .*entrypoint$/m.exec(processes)?.[1] ?? ''
  await device.read(['kill', '-TERM', entryPoint])
  assert.equal(await run.ended, 0)
})

test('an ntpd on its own local clock is not in step, for all its asterisk', async (t) => {
  const device = await world(t)
  await believer(t, device)
  const billboard = await until('an asterisk', 30_000, async () => {
    const text = await device.read(['ntpq', '-4', '-p', '-n']).catch(() => '')
    return text.includes('\n*') ? text : null
  })
  assert.match(billboard, /^\*(LOCAL\(0\)|127\.127\.1\.0) /m)
  device.start([process.execPath, fileURLToPath(new URL('main.ts', import.meta.url))], steered)
  const found = await healthThat(device, 30_000, /"leap":0/)
  assert.equal(found.status, 503)
  assert.match(found.text, /"synced":false/)
  assert.match(found.text, /the selected source is its own local clock/)
})

test('an isolated device with a clock of its own says that it is not in step', async (t) => {
  const device = await world(t)
  const run = startDevice(device, { ...steered, LOCAL_CLOCK: 'yes', LOCAL_STRATUM: '12' })
  const found = await healthThat(device, 30_000, /"synced":false/)
  assert.match(found.text, /no source is selected/)
  assert.doesNotMatch(run.output(), /syntax error/)
})

test('without an ntpd nothing is claimed', async (t) => {
  const device = await world(t)
  device.start([process.execPath, fileURLToPath(new URL('main.ts', import.meta.url))])
  const found = await healthThat(device, 30_000, /"status"/)
  assert.equal(found.status, 503)
  assert.match(found.text, /"synced":null/)
  assert.match(found.text, /ntpd does not run/)
})

/** A receiver with a fix, its gpsd, and shared memory unit 0; gives the process id of gpsd. */
async function startReceiver(device: World, aheadDays = 0): Promise<string> {
  const nmea = fileURLToPath(new URL('test/nmea-source.ts', import.meta.url))
  const receiver = device.start([process.execPath, nmea, '29470', String(aheadDays)])
  await until('the receiver', 5000, async () => receiver.output() || null)
  const argv = ['-N', '-n', '-P', '/run/gpsd.pid', '-S', '29471', 'tcp://127.0.0.1:29470']
  device.start(['gpsd', ...argv])
  return until('gpsd', 5000, () => device.read(['pgrep', '-x', 'gpsd']).catch(() => null))
}

test('a receiver through gpsd and shared memory makes a stratum 1 within 30 s', async (t) => {
  const device = await world(t)
  await startReceiver(device)
  const run = startDevice(device, { ...steered, ENABLE_GPS: 'yes', GPS_LATENCY_SECONDS: '0' })
  const found = await healthThat(device, 30_000, /"synced":true/)
  assert.equal(found.status, 200)
  assert.match(found.text, /"status":"healthy"/)
  assert.match(found.text, /"stratum":1,/)
  assert.match(found.text, /"refid":"GPS"/)
  assert.match(found.text, /"address":"127\.127\.28\.0","tally":"\*"/)
  assert.doesNotMatch(run.output(), /syntax error/)
})

async function tellsFix(device: World): Promise<void> {
  const fix = (await get(device, 3000, '/api/gps/status'))?.text ?? ''
  assert.match(fix, /"driver":"NMEA0183","mode":3,"time":"20\d\d-/)
  assert.match(fix, /"satellites_used":8,"satellites_seen":9,/)
  const metrics = (await get(device, 9090, '/metrics'))?.text ?? ''
  assert.match(metrics, /^gps_mode 3$/m)
  assert.match(metrics, /^gps_satellites_used 8$/m)
  assert.match(metrics, /^ntp_uncertainty_seconds [0-9.e-]+$/m)
}

test('a real fix is told; without gpsd the first is degraded, and then a second that has no other', async (t) => {
  const first = await world(t)
  const second = await world(t)
  await join(first, second)
  const gpsd = await startReceiver(first)
  const gps = { ENABLE_GPS: 'yes', GPS_LATENCY_SECONDS: '0', GPSD_ADDRESS: '127.0.0.1:29471' }
  startDevice(first, { ...steered, ...gps })
  const servers = { NTP_SERVERS: '192.0.2.1', NTP_MINPOLL: '3', NTP_MAXPOLL: '3' }
  startDevice(second, { ...steered, ...servers })
  const found = await healthThat(first, 150_000, /"synced":true.*"gps":\{"state":"fix"/)
  assert.match(found.text, /"status":"healthy"/)
  await tellsFix(first)
  const follows = await healthThat(second, 60_000, /"synced":true/)
  assert.match(follows.text, /"stratum":2,/)

  await first.read(['kill', '-TERM', gpsd.trim()])
  const lost = await healthThat(first, 10_000, /GPS: gpsd does not answer/)
  assert.equal(lost.status, 200)
  assert.match(lost.text, /"status":"degraded"/)
  const after = await get(second, 3000, '/health')
  assert.match(after?.text ?? '', /"synced":true/)

  // ntpd gives the receiver up after eight polls, and tells the second by a dispersion of 15 s.
  const given = await healthThat(first, 150_000, /root distance 1\d{4} ms: clients reject/)
  assert.equal(given.status, 503)
  const blocked = await healthThat(second, 60_000, /holdover/)
  assert.equal(blocked.status, 200)
  assert.match(blocked.text, /"status":"degraded"/)
})

test('a receiver in another year has no good fix, whatever a real gpsd says', async (t) => {
  const device = await world(t)
  // gpsd 3.22 puts 1024 weeks right by itself.
  await startReceiver(device, -3000)
  const gps = { ENABLE_GPS: 'yes', GPS_LATENCY_SECONDS: '0', GPSD_ADDRESS: '127.0.0.1:29471' }
  startDevice(device, { ...steered, ...gps })
  const found = await healthThat(device, 60_000, /GPS: the receiver says 20\d\d-.* rolled over/)
  assert.doesNotMatch(found.text, /"status":"healthy"/)
  assert.match(found.text, /"gps":\{"state":"no-fix",.*"mode":3/)
  assert.match((await get(device, 9090, '/metrics'))?.text ?? '', /^gps_fix 0$/m)
})

test('with a pulse the pulse is followed, and the serial time only watched', async (t) => {
  const device = await world(t)
  const pulse = device.start([
    'python3',
    fileURLToPath(new URL('test/pulse-source.py', import.meta.url)),
  ])
  await until('the pulse', 5000, async () => pulse.output() || null)
  await startReceiver(device)
  // A serial time which is 0.3 s off must not bring the pulse down.
  const gps = { ENABLE_GPS: 'yes', ENABLE_PPS: 'yes', GPS_LATENCY_SECONDS: '0.3' }
  const run = startDevice(device, { ...steered, ...gps })
  const found = await healthThat(device, 30_000, /"synced":true/)
  assert.match(found.text, /"status":"healthy"/)
  assert.match(found.text, /"stratum":1,"offset_ms":-0\.0[0-9]+,/)
  assert.match(found.text, /"refid":"PPS"/)
  assert.match(found.text, /"address":"127\.127\.28\.1","tally":"[*o]"/)
  const metrics = await until('the serial time', 20_000, async () => {
    const text = (await get(device, 9090, '/metrics'))?.text ?? ''
    return /^ntp_peer_reach\{peer="127\.127\.28\.0"\} [1-9]/m.test(text) ? text : null
  })
  assert.match(metrics, /^ntp_peer_info\{peer="127\.127\.28\.0",refid="GPS",tally=" "\} 1$/m)
  assert.match(metrics, /^ntp_synced 1$/m)
  assert.doesNotMatch(run.output(), /syntax error/)
})

test('a wrong variable ends the container before anything is started', async (t) => {
  const device = await world(t)
  const run = startDevice(device, { LOCAL_STRATUM: '1' })
  assert.equal(await run.ended, 64)
  assert.match(run.output(), /^time-server: LOCAL_STRATUM must be a whole number from 10 to 15/m)
})

test('the keys of a file that only root may read reach the server, and so do later ones', async (t) => {
  const folder = await mkdtemp(pathJoin(tmpdir(), 'timeball-keys-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = pathJoin(folder, '.env')
  const write = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text, { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
  await write('ENVIRONMENT=x\nAPI_KEY_1=first-key-1\n')
  const device = await world(t)
  startDevice(device, { ...steered, API_KEYS_FILE: file })
  await healthThat(device, 30_000, /"status"/)
  const statusWith = async (key: string) => (await get(device, 3000, '/api/unix', key))?.status
  assert.deepEqual([await statusWith(''), await statusWith('first-key-1')], [401, 200])
  await write('API_KEY_1=first-key-1\nAPI_KEY_2=second-key-2\n')
  await until('the second key', 15_000, async () =>
    (await statusWith('second-key-2')) === 200 ? true : null,
  )
  assert.equal(await statusWith('first-key-1'), 200)
  await write('API_KEY_2=second-key-2\n')
  await until('the end of the first key', 15_000, async () =>
    (await statusWith('first-key-1')) === 401 ? true : null,
  )
  assert.equal(await statusWith('second-key-2'), 200)
})

/** Whether the server at `address` answers a request with this key, and with that key. */
async function answersWith(
  place: World,
  address: string,
  key: readonly [id: number, file: string],
): Promise<boolean> {
  const argv = ['ntpdig', '-k', key[1], '-a', String(key[0]), '-t', '1', '-j', address]
  return await place.read(argv).then(
    (answer) => answer.includes('"offset"'),
    () => false,
  )
}

test('members ask each other with keys, and a server takes two at a time and no other', async (t) => {
  const folder = await mkdtemp(pathJoin(tmpdir(), 'timeball-ntp-keys-'))
  t.after(() => rm(folder, { recursive: true }))
  const keys = ['a1', 'b2', 'c3', 'd4'].map((digits) => digits.repeat(16))
  const [ofSource, first, second, strange] = keys
  const all = pathJoin(folder, 'all.keys')
  const lines = [`7 AES ${ofSource}`, `21 AES ${first}`, `22 AES ${second}`, `23 AES ${strange}`]
  await writeFile(all, `${lines.join('\n')}\n`)
  const source = await world(t)
  const device = await world(t)
  await join(source, device)
  const local = ['tos minsane 1', 'refclock local stratum 5 prefer minpoll 0 maxpoll 2']
  const conf = pathJoin(folder, 'source.conf')
  await writeFile(conf, [`keys ${all}`, 'trustedkey 7', ...local, ''].join('\n'))
  source.start(['ntpd', '-n', '-g', '-4', '-c', conf])

  const file = pathJoin(folder, '.env')
  const own = [`NTP_KEY_1=21:${first}`, `NTP_KEY_2=22:${second}`]
  const text = ['API_KEY_1=first-key-1', ...own, `NTP_SOURCE_KEYS=192.0.2.1=7:${ofSource}`, '']
  await writeFile(file, text.join('\n'), { mode: 0o600 })
  const run = startDevice(device, {
    ...{ NTP_SERVERS: '192.0.2.1', NTP_MINPOLL: '3', NTP_MAXPOLL: '3' },
    ...{ ...steered, NTP_AUTHENTICATION: 'a1b2c3', API_KEYS_FILE: file },
  })
  await until('good answers with a key', 150_000, async () => {
    const list = await device.read(['ntpq', '-c', 'associations', '127.0.0.1']).catch(() => '')
    return /^ *1 +\d+ +\w+ +yes +yes +ok +sys\.peer/m.test(list) ? true : null
  })
  const taken = (id: number): Promise<boolean> => answersWith(source, '192.0.2.2', [id, all])
  await until('the first key', 60_000, async () => ((await taken(21)) ? true : null))
  await until('the second key', 60_000, async () => ((await taken(22)) ? true : null))
  assert.equal(await taken(23), false)
  for (const key of keys) assert.ok(!run.output().includes(key))
})

test('no daemon of a world outlives it', async (t) => {
  let pid = 0
  await t.test('a world', async (inner) => {
    const place = await world(inner)
    pid = place.pid
    startDevice(place, steered)
    await healthThat(place, 30_000, /"status"/)
  })
  const isGone = await until('the end of the world', 5000, () =>
    readFile(`/proc/${pid}/status`).then(
      () => null,
      () => true,
    ),
  )
  assert.ok(isGone)
})
