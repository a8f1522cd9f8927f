import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readSettings } from './settings.ts'

test('nothing has to be set', () => {
  const settings = readSettings({ NTP_SERVERS: '', LOG_LEVEL: ' ' })
  assert.ok(settings.ok)
  assert.deepEqual(settings.value, {
    device: 'unnamed',
    ntpServers: [],
    hasGps: false,
    hasPps: false,
    gpsLatencySeconds: 0.12,
    minPoll: null,
    maxPoll: null,
    servesLocalClock: false,
    localStratum: 10,
    logLevel: 'info',
    bindAddress: '0.0.0.0',
    httpPort: 3000,
    metricsPort: 9090,
    ntpHost: '127.0.0.1',
    ntpPort: 123,
    steersClock: true,
    ntpdPidFile: null,
    diskPath: '/',
    authenticatesNtp: false,
    maxOffsetMs: 100,
    apiKeys: [],
    apiKeysFile: null,
    apiRatePerMinute: 6000,
    allowedOrigins: [],
    gpsd: { host: '127.0.0.1', port: 2947 },
    leapFile: '/usr/share/zoneinfo/leap-seconds.list',
    ntpDaemon: 'auto',
  })
})

test('the .env of a GPS device is read', () => {
  const settings = readSettings({
    API_KEY_1: 'abcdefgh',
    NTP_SERVERS: '192.0.2.7, ntp-a.example,2001:db8::1',
    ENABLE_GPS: 'True',
    ENABLE_PPS: 'yes',
    PPS_GPIO: '18',
    LOCAL_STRATUM: '10',
    LOG_LEVEL: 'warn',
    ENVIRONMENT: 'pi-gps-01',
  })
  assert.ok(settings.ok)
  const { ntpServers, hasGps, hasPps, device, logLevel } = settings.value
  assert.deepEqual(ntpServers, ['192.0.2.7', 'ntp-a.example', '2001:db8::1'])
  assert.deepEqual([hasGps, hasPps, device, logLevel], [true, true, 'pi-gps-01', 'warn'])
})

for (const [name, value] of [
  ['ENABLE_GPS', 'maybe'],
  ['LOCAL_STRATUM', '1'],
  ['LOCAL_STRATUM', '16'],
  ['HTTP_PORT', '65536'],
  ['PORT', '65536'],
  ['NTPD_ADDRESS', 'a b'],
  ['GPSD_ADDRESS', '127.0.0.1:0'],
  ['API_KEY_1', 'short'],
  ['API_RATE_LIMIT', '0'],
  ['NTP_DAEMON', 'openntpd'],
  ['METRICS_PORT', '9090x'],
  ['NTP_PORT', '0'],
  ['PPS_GPIO', '99'],
  ['MAX_OFFSET_MS', '-1'],
  ['NTP_MINPOLL', '2'],
  ['LOG_LEVEL', 'loud'],
  ['NTP_SERVERS', 'a,,b'],
  ['NTP_SERVERS', 'a b'],
  ['NTP_SERVERS', 'a\nrestrict default'],
  ['NTP_SERVERS', '-4'],
  ['ENVIRONMENT', 'a\u0007b'],
  ['ALLOWED_ORIGINS', 'https://page.example/'],
  ['ALLOWED_ORIGINS', 'page.example'],
  ['ALLOWED_ORIGINS', 'https://page.example, *'],
  ['ALLOWED_ORIGINS', 'null'],
  ['ALLOWED_ORIGINS', 'https://Page.example'],
] as const) {
  test(`${name}=${JSON.stringify(value)} is refused by name`, () => {
    const settings = readSettings({ [name]: value })
    assert.ok(!settings.ok)
    assert.equal(settings.failure.length, 1)
    assert.ok(settings.failure[0]?.startsWith(`${name} must be`))
  })
}

test('origins are read as browsers send them', () => {
  const text = 'https://page.example, http://localhost:8080,https://[2001:db8::1]:8443'
  const settings = readSettings({ ALLOWED_ORIGINS: text })
  assert.ok(settings.ok)
  assert.deepEqual(settings.value.allowedOrigins, [
    'https://page.example',
    'http://localhost:8080',
    'https://[2001:db8::1]:8443',
  ])
})

test('all wrong variables are told at once', () => {
  const settings = readSettings({
    HTTP_PORT: 'x',
    ENABLE_PPS: 'yes',
    NTP_MINPOLL: '9',
    NTP_MAXPOLL: '4',
  })
  assert.ok(!settings.ok)
  assert.deepEqual(
    settings.failure.map((problem) => problem.split(' ')[0]),
    ['HTTP_PORT', 'NTP_MINPOLL', 'ENABLE_PPS'],
  )
})

test('no server name can carry a directive into ntp.conf', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const settings = readSettings({ NTP_SERVERS: text })
      if (!settings.ok) return
      for (const server of settings.value.ntpServers) assert.match(server, /^[\w.:%-]+$/)
    }),
  )
})

test('the names of other time servers for ports and addresses work too', () => {
  const settings = readSettings({
    PORT: '8080',
    NTPD_ADDRESS: '[::1]:1123',
    GPSD_ADDRESS: 'gps.example',
    ALLOWED_ORIGINS: 'https://a.example, http://b.example',
  })
  assert.ok(settings.ok)
  const { httpPort, ntpHost, ntpPort, gpsd, allowedOrigins } = settings.value
  assert.deepEqual([httpPort, ntpHost, ntpPort], [8080, '::1', 1123])
  assert.deepEqual(gpsd, { host: 'gps.example', port: 2947 })
  assert.deepEqual(allowedOrigins, ['https://a.example', 'http://b.example'])
})
