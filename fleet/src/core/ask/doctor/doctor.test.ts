import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Device } from '../../device/device.ts'
import { readDoctor, readPulses, readReceiver } from './device-answer.ts'
import { diagnosisLines, type Diagnosis } from './diagnosis.ts'
import { judgeController, type FleetSeen } from './judge-controller.ts'
import { judgeDevice } from './judge-device.ts'

const device: Device = {
  ...{ name: 'pi-gps-01', address: '192.0.2.1', sshPort: 22, user: 'pi', privateKeyFile: null },
  ...{ commonArgs: [], role: 'stratum1', groups: [], gps: true, pps: true, ppsGpio: 4 },
  ...{ ntpServers: [], localStratum: 10, httpPort: 3000, metricsPort: 9090, ntpPort: 123 },
  ...{ receiver: null, gpsLatencySeconds: null, site: null },
}

const healthy = `model=Raspberry Pi 4 Model B
cmdline=console=tty1 root=PARTUUID=1 rootwait
boot_file=/boot/firmware/config.txt
boot=dtoverlay=disable-bt
boot=enable_uart=1
boot=dtoverlay=pps-gpio,gpiopin=4
serial=/dev/ttyAMA0
pps_device=yes
pulse=1764381600.000002345#4711
pulse=1764381601.000003345#4712
pulse=1764381602.000001345#4713
pulse=1764381602.999999345#4714
gpsd={"class":"TPV","device":"/dev/serial0","mode":3}
gpsd={"class":"SKY","device":"/dev/serial0","uSat":9,"nSat":14}
shm=3
fake_hwclock=install ok installed
throttled=0x0
temperature_mc=48312
card_errors=0
ss=yes
listener=ntpd
found=docker.io
mtu=1500
disk_used=31
docker=26.1.5
`

function judged(
  output: string,
  ntpFailure: Parameters<typeof judgeDevice>[0]['ntpFailure'] = null,
) {
  const diagnoses = judgeDevice({ device, said: readDoctor(output), ntpFailure })
  return new Map(diagnoses.map((each) => [each.check, each]))
}

test('a console or a login on another line than that of the receiver is none of its business', () => {
  const elsewhere = healthy
    .replace('console=tty1', 'console=ttyS0,115200')
    .replace(/$/, 'getty=ttyS0\n')
  const found = judgeDevice({ device, said: readDoctor(elsewhere), ntpFailure: null })
  assert.equal(found.find(({ check }) => check === 'serial console')?.level, 'ok')
})

test('a device that is well has nothing but what is well', () => {
  const found = [...judged(healthy).values()].filter(({ level }) => level !== 'ok')
  assert.deepEqual(found, [])
})

const faults: readonly {
  name: string
  change: readonly [RegExp, string]
  check: string
  mend: RegExp
}[] = [
  {
    name: 'a login on the serial line',
    change: [/$/, 'getty=ttyAMA0\n'],
    check: 'serial console',
    mend: /do_serial_cons 1/,
  },
  {
    name: 'the console of the kernel there',
    change: [/console=tty1/, 'console=serial0,115200'],
    check: 'serial console',
    mend: /do_serial_cons 1/,
  },
  {
    name: 'Bluetooth on the good line',
    change: [/boot=dtoverlay=disable-bt\n/, ''],
    check: 'boot configuration',
    mend: /apply pi-gps-01 --allow-reboot/,
  },
  {
    name: 'the pulse on another pin',
    change: [/gpiopin=4/, 'gpiopin=18'],
    check: 'boot configuration',
    mend: /apply/,
  },
  { name: 'no /dev/pps0', change: [/pps_device=yes\n/, ''], check: 'pulse', mend: /apply/ },
  { name: 'no pulse', change: [/pulse=.*#471[234]\n/g, ''], check: 'pulse', mend: /BCM 4/ },
  { name: 'no fix', change: [/"mode":3/, '"mode":1'], check: 'receiver', mend: /sky/ },
  { name: 'a silent gpsd', change: [/gpsd=.*\n/g, ''], check: 'receiver', mend: /restart gpsd/ },
  { name: 'no shared memory', change: [/shm=3/, 'shm=0'], check: 'shared memory', mend: /gpsd/ },
  {
    name: 'no clock over a boot',
    change: [/fake_hwclock=.*\n/, ''],
    check: 'clock at boot',
    mend: /install --yes fake-hwclock/,
  },
  {
    name: 'under-voltage',
    change: [/throttled=0x0/, 'throttled=0x50005'],
    check: 'power',
    mend: /power supply/,
  },
  {
    name: 'errors of the card',
    change: [/card_errors=0/, 'card_errors=3'],
    check: 'card',
    mend: /replace/,
  },
  {
    name: 'a full disk',
    change: [/disk_used=31/, 'disk_used=97'],
    check: 'disk',
    mend: /image prune/,
  },
  {
    name: 'another server on port 123',
    change: [/listener=ntpd/, 'listener=chronyd'],
    check: 'port 123',
    mend: /disable --now chronyd/,
  },
  {
    name: 'a second discipline',
    change: [/$/, 'discipline=systemd-timesyncd\n'],
    check: 'discipline',
    mend: /timeball apply/,
  },
  {
    name: 'another second discipline',
    change: [/$/, 'discipline=chrony\n'],
    check: 'discipline',
    mend: /disable --now chrony/,
  },
  {
    name: 'no gpsd',
    change: [/gpsd=.*\n/g, 'gpsd_silent=yes\n'],
    check: 'receiver',
    mend: /timeball apply/,
  },
  { name: 'no DNS', change: [/found=/, 'lost='], check: 'names', mend: /DNS/ },
  { name: 'a small MTU', change: [/mtu=1500/, 'mtu=1200'], check: 'MTU', mend: /interface/ },
  { name: 'no docker', change: [/docker=.*\n$/, ''], check: 'docker', mend: /ping pi-gps-01/ },
]
for (const { name, change, check, mend } of faults) {
  test(`${name} is found, with why it matters and the line that mends it`, () => {
    const found = [...judged(healthy.replace(...change)).values()].filter(
      ({ level }) => level !== 'ok',
    )
    assert.deepEqual(
      found.map((each) => each.check),
      [check],
    )
    assert.match(found[0]?.mend ?? '', mend)
    assert.notEqual(found[0]?.why, null)
  })
}

test('a server that listens and does not answer here has a firewall or restrict lines', () => {
  const failure = { code: 'no-answer', detail: 'no answer on UDP 123' } as const
  assert.match(judged(healthy, failure).get('port 123')?.mend ?? '', /restrict lines/)
})

test('a device that tells nothing is not called well', () => {
  const levels = new Set([...judged('').values()].map(({ level }) => level))
  assert.ok(!levels.has('ok') || judged('').get('port 123')?.level === 'ok')
  assert.equal(judged('').get('card')?.level, 'unknown')
})

test('pulses are counted by their numbers, and their jitter knows that a second is a circle', () => {
  const lines = ['1.999999500#7', '3.000000500#8', '3.000000500#8', '3.999999000#9', 'x']
  const { came, jitterSeconds } = readPulses(lines)
  assert.equal(came, 2)
  assert.ok(Math.abs((jitterSeconds ?? 0) - 1.5e-6) < 1e-12)
  assert.deepEqual(readPulses([]), { came: 0, jitterSeconds: null })
})

test('what a receiver sends in parts is put together', () => {
  const lines = [
    '{"class":"TPV","mode":1}',
    '{"class":"SKY","nSat":7}',
    '{"class":"TPV","mode":2}',
    '{',
  ]
  assert.deepEqual(readReceiver(lines), { mode: 2, used: null, seen: 7 })
})

test('devices that are alike are one paragraph, what is wrong first', () => {
  const bad: Diagnosis = {
    check: 'card',
    level: 'bad',
    text: '3 errors',
    why: 'it fails',
    mend: 'replace it',
    isApplied: false,
  }
  const fine: Diagnosis = {
    check: 'docker',
    level: 'ok',
    text: '26',
    why: null,
    mend: null,
    isApplied: false,
  }
  const examined = ['pi-1', 'pi-2'].map((subject) => ({ subject, diagnoses: [fine, bad] }))
  assert.deepEqual(diagnosisLines(examined, { color: false, width: null }), [
    'pi-[1-2] (2)',
    '  ✗ card  3 errors',
    '    why   it fails',
    '    mend  replace it',
    '  ✓ well  docker',
  ])
})

const fleet: FleetSeen = {
  devices: 4,
  incomplete: null,
  clock: { kind: 'unknown', why: 'one vote' },
  leapSeconds: { expiresUnixSeconds: 2_000_000_000, changes: [] },
  nowUnixMs: 1_764_381_600_000,
  state: { path: '.timeball', canWrite: true, isOpenToOthers: false, freeBytes: 1e9 },
  journal: null,
}
const machine = { ssh: 'OpenSSH_10.0p2 Debian-7', git: 'git version 2.47.3', docker: null, fleet }

test('a machine is examined: what is old, missing, closed or off', () => {
  const levels = (change: Partial<FleetSeen>, more = {}): Record<string, string> =>
    Object.fromEntries(
      judgeController({ ...machine, ...more, fleet: { ...fleet, ...change } }).flatMap(
        ({ check, level }) => (level === 'ok' ? [] : [[check, level]]),
      ),
    )
  assert.deepEqual(levels({}), { docker: 'unknown', clock: 'unknown' })
  assert.equal(levels({ clock: { kind: 'measured', aheadSeconds: -2 } })['clock'], 'bad')
  assert.equal(levels({ clock: { kind: 'measured', aheadSeconds: 0.01 } })['clock'], undefined)
  assert.equal(levels({ leapSeconds: null })['leap seconds'], 'warn')
  assert.equal(levels({ journal: 'it is damaged' })['journal'], 'bad')
  assert.equal(levels({ incomplete: 'API_KEY_1 is not set' })['keys and image'], 'bad')
  assert.equal(levels({ state: { ...fleet.state, canWrite: false } })['.timeball'], 'bad')
  assert.equal(levels({ state: { ...fleet.state, isOpenToOthers: true } })['.timeball'], 'warn')
  assert.equal(levels({}, { ssh: 'OpenSSH_7.9p1' })['ssh'], 'warn')
})

test('a fleet that cannot be read is told, each problem with its place', () => {
  const problem = { file: 'fleet.yaml', line: 3, column: 1, what: 'unknown key x', fix: null }
  const found = judgeController({ ...machine, fleet: [problem] }).at(-1)
  assert.equal(found?.level, 'bad')
  assert.equal(found?.text, 'fleet.yaml:3:1: unknown key x')
})
