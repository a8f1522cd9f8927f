import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { deviceOf, fleetOf, settingsOf } from '../../../test/make-fleet.ts'
import { Secret } from '../secrets/secret.ts'
import { composeFileText } from './compose-file.ts'
import { desiredState, stateDigest } from './desired-state.ts'
import { environmentFile } from './environment-file.ts'
import { gpsdDefaults } from './gpsd.ts'
import { maskContent, revealContent, type Resource } from './resource.ts'

const fleet = fleetOf()
const settings = settingsOf()
const gps = deviceOf(fleet, 'pi-gps-01')
const relay = deviceOf(fleet, 'pi-ntp-01')
const image = `ghcr.io/timeball/mcp-utc-time-server@sha256:${'a'.repeat(64)}`
const keys = [new Secret('API_KEY_1', 'first-key-0001'), new Secret('API_KEY_2', 'second-key-02')]

const relayEnvironment = `# Written by Timeball; changes made here are undone by the next apply.
API_KEY_1=first-key-0001
API_KEY_2=second-key-02
NTP_SERVERS=192.168.1.101,192.168.1.102
ENABLE_GPS=no
ENABLE_PPS=no
PPS_GPIO=4
LOCAL_STRATUM=10
MAX_OFFSET_MS=100
CLOCK_DISCIPLINE=yes
HTTP_PORT=3000
METRICS_PORT=9090
NTP_PORT=123
LOG_LEVEL=info
RUST_LOG=info
ENVIRONMENT=pi-ntp-01
`

test('the environment file of a relay', () => {
  assert.equal(revealContent(environmentFile(relay, settings, keys)), relayEnvironment)
})

test('the environment file of a server with a receiver says yes, not True', () => {
  const text = revealContent(environmentFile(gps, settings, keys))
  assert.match(text, /^ENABLE_GPS=yes$/m)
  assert.match(text, /^ENABLE_PPS=yes$/m)
  assert.doesNotMatch(text, /true|false/i)
})

test('the environment file can be shown without its secrets', () => {
  const text = maskContent(environmentFile(relay, settings, keys), () => '********')
  assert.match(text, /^API_KEY_1=\*{8}\nAPI_KEY_2=\*{8}$/m)
})

test('a device that does not steer its clock is told so', () => {
  const undisciplined = settingsOf('clock:\n  discipline: false\n')
  assert.match(revealContent(environmentFile(relay, undisciplined, keys)), /^CLOCK_DISCIPLINE=no$/m)
})

const relayCompose = `# Written by Timeball; changes made here are undone by the next apply.
name: mcp-utc-time-server
services:
  mcp-utc-time:
    image: "${image}"
    container_name: mcp-utc-time
    network_mode: host
    environment:
      NTP_SERVERS: "\${NTP_SERVERS}"
      ENABLE_GPS: "\${ENABLE_GPS}"
      ENABLE_PPS: "\${ENABLE_PPS}"
      PPS_GPIO: "\${PPS_GPIO}"
      LOCAL_STRATUM: "\${LOCAL_STRATUM}"
      MAX_OFFSET_MS: "\${MAX_OFFSET_MS}"
      CLOCK_DISCIPLINE: "\${CLOCK_DISCIPLINE}"
      HTTP_PORT: "\${HTTP_PORT}"
      METRICS_PORT: "\${METRICS_PORT}"
      NTP_PORT: "\${NTP_PORT}"
      LOG_LEVEL: "\${LOG_LEVEL}"
      RUST_LOG: "\${RUST_LOG}"
      ENVIRONMENT: "\${ENVIRONMENT}"
      API_KEYS_FILE: /run/timeball/.env
    restart: unless-stopped
    read_only: true
    mem_limit: 256m
    pids_limit: 100
    cap_drop: [ALL]
    cap_add:
      - NET_BIND_SERVICE
      - SETGID
      - SETUID
      - SYS_NICE
      - CHOWN
      - DAC_OVERRIDE
      - KILL
      - SYS_TIME
    security_opt: ["no-new-privileges:true"]
    volumes: ["ntp-state:/var/lib/ntpsec", ".:/run/timeball:ro"]
    tmpfs: ["/run/time-server:mode=0755,size=1m", "/tmp:size=4m"]
    logging:
      driver: json-file
      options: { max-size: 10m, max-file: "3" }
volumes:
  ntp-state: {}
`

test('the compose file of a relay', () => {
  assert.equal(composeFileText(relay, settings, image), relayCompose)
})

test('that of a server with a receiver differs in the shared memory of gpsd, and nothing else', () => {
  const expected = relayCompose.replace(
    '    network_mode: host\n',
    '    network_mode: host\n    ipc: host\n',
  )
  assert.equal(composeFileText(gps, settings, image), expected)
})

test('a compose file is YAML that says what was meant', () => {
  const { services } = parse(composeFileText(gps, settings, image))
  const service = services['mcp-utc-time']
  assert.equal(service.image, image)
  assert.deepEqual(service.security_opt, ['no-new-privileges:true'])
  assert.equal(service.read_only, true)
  assert.deepEqual([service.mem_limit, service.pids_limit], ['256m', 100])
  assert.deepEqual(service.cap_drop, ['ALL'])
  assert.deepEqual(service.logging.options, { 'max-size': '10m', 'max-file': '3' })
  assert.deepEqual(['privileged' in service, 'devices' in service], [false, false])
})

test('the server is told every setting of the environment file, and none of its keys', () => {
  const { services } = parse(composeFileText(relay, settings, image))
  const names = [...relayEnvironment.matchAll(/^(\w+)=/gm)].map(([, name = '']) => name)
  const settingNames = names.filter((name) => !name.startsWith('API_KEY'))
  assert.deepEqual(services['mcp-utc-time'].environment, {
    ...Object.fromEntries(settingNames.map((name) => [name, `\${${name}}`])),
    API_KEYS_FILE: '/run/timeball/.env',
  })
})

test('the clock may be set only where the server steers it', () => {
  const undisciplined = settingsOf('clock:\n  discipline: false\n')
  assert.doesNotMatch(composeFileText(relay, undisciplined, image), /SYS_TIME/)
})

const gpsdCases = [
  { name: 'with a pulse', device: gps, nodes: '/dev/serial0 /dev/pps0' },
  { name: 'without a pulse', device: { ...gps, pps: false }, nodes: '/dev/serial0' },
]
for (const { name, device, nodes } of gpsdCases) {
  test(`gpsd of a receiver ${name}`, () => {
    assert.equal(
      gpsdDefaults(device),
      `# Written by Timeball; changes made here are undone by the next apply.
START_DAEMON="true"
USBAUTO="false"
DEVICES="${nodes}"
GPSD_OPTIONS="-n"
`,
    )
  })
}

function nameOf(resource: Resource): string {
  switch (resource.kind) {
    case 'package':
    case 'service':
      return `${resource.kind} ${resource.name}`
    case 'image':
      return 'image'
    case 'file':
      return `file ${resource.mode} ${resource.path}`
    case 'line':
      return `line ${resource.line}`
    case 'compose':
      return `compose ${resource.container}`
  }
}

test('a server with a receiver gets its hardware before the container that needs it', () => {
  const state = desiredState({ device: gps, settings, release: { image }, secrets: keys })
  assert.deepEqual(state.resources.map(nameOf), [
    'package git',
    'package docker.io',
    'package docker-compose',
    'package gpsd',
    'package gpsd-tools',
    'package pps-tools',
    'image',
    'service systemd-timesyncd.service',
    'line dtoverlay=disable-bt',
    'line enable_uart=1',
    'line dtoverlay=pps-gpio,gpiopin=4',
    'file 0644 /etc/default/gpsd',
    'service gpsd.service',
    'file 0644 /opt/mcp-utc-time-server/docker-compose.rpi.yml',
    'file 0600 /opt/mcp-utc-time-server/.env',
    'compose mcp-utc-time',
  ])
})

test('a relay gets neither receiver packages nor boot lines', () => {
  const state = desiredState({ device: relay, settings, release: { image }, secrets: keys })
  assert.deepEqual(state.resources.map(nameOf), [
    'package git',
    'package docker.io',
    'package docker-compose',
    'image',
    'service systemd-timesyncd.service',
    'file 0644 /opt/mcp-utc-time-server/docker-compose.rpi.yml',
    'file 0600 /opt/mcp-utc-time-server/.env',
    'compose mcp-utc-time',
  ])
})

test('the pulse is wanted on the pin that the inventory names', () => {
  const device = { ...gps, ppsGpio: 18 }
  const state = desiredState({ device, settings, release: { image }, secrets: keys })
  assert.ok(state.resources.map(nameOf).includes('line dtoverlay=pps-gpio,gpiopin=18'))
})

test('the content address of a state depends on all of it, its secrets and the salt', () => {
  const input = { device: gps, settings, release: { image }, secrets: keys }
  const digest = stateDigest(desiredState(input), 'salt')
  const others = [
    stateDigest(desiredState(input), 'pepper'),
    stateDigest(desiredState({ ...input, secrets: keys.slice(0, 1) }), 'salt'),
    stateDigest(desiredState({ ...input, secrets: [new Secret('API_KEY_1', 'other')] }), 'salt'),
    stateDigest(desiredState({ ...input, release: { image: `${image.slice(0, -1)}b` } }), 'salt'),
    stateDigest(desiredState({ ...input, device: { ...gps, ppsGpio: 5 } }), 'salt'),
  ]
  assert.equal(stateDigest(desiredState(input), 'salt'), digest)
  assert.equal(new Set([digest, ...others]).size, 6)
})
