import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showWarnings } from './warnings.ts'
import {
  buildFrom,
  deviceOf,
  fleetOf,
  inventoryOf,
  shownProblems,
} from '../../../test/make-fleet.ts'

const gps = ['ansible_host: 192.0.2.1', 'gps_enabled: yes', 'pps_enabled: yes']

test('the inventory of the guide becomes four devices', () => {
  const fleet = fleetOf()
  assert.deepEqual(
    fleet.devices.map(({ name, address, role, gps, pps }) => [name, address, role, gps, pps]),
    [
      ['pi-gps-01', '192.168.1.101', 'stratum1', true, true],
      ['pi-gps-02', '192.168.1.102', 'stratum1', true, true],
      ['pi-ntp-01', '192.168.1.201', 'stratum2', false, false],
      ['pi-ntp-02', '192.168.1.202', 'stratum2', false, false],
    ],
  )
  assert.deepEqual(deviceOf(fleet, 'pi-gps-01'), {
    name: 'pi-gps-01',
    address: '192.168.1.101',
    sshPort: 22,
    user: 'pi',
    privateKeyFile: null,
    commonArgs: [],
    role: 'stratum1',
    groups: ['stratum1'],
    gps: true,
    pps: true,
    ppsGpio: 4,
    ntpServers: ['0.pool.ntp.org', '1.pool.ntp.org', '2.pool.ntp.org', '3.pool.ntp.org'],
    localStratum: 10,
    httpPort: 3000,
    metricsPort: 9090,
    ntpPort: 123,
    receiver: null,
    gpsLatencySeconds: null,
    site: null,
  })
})

test('names of members become addresses, since they do not resolve on the devices', () => {
  const { ntpServers } = deviceOf(fleetOf(), 'pi-ntp-01')
  assert.deepEqual(ntpServers, ['192.168.1.101', '192.168.1.102'])
})

test('a stratum 2 that names no source follows the stratum 1 of its fleet', () => {
  const inventory = `all:
  children:
    stratum1: {hosts: {g1: {ansible_host: 192.0.2.1, gps_enabled: yes}}}
    stratum2: {hosts: {n1: {ansible_host: 192.0.2.2}}}
`
  assert.deepEqual(deviceOf(fleetOf(inventory), 'n1').ntpServers, ['192.0.2.1'])
})

test('a source that is named twice, by name and by address, counts once', () => {
  const inventory = inventoryOf({
    a: ['ansible_host: 192.0.2.1'],
    b: ['ansible_host: 192.0.2.2', 'ntp_servers: [a, 192.0.2.1, a]'],
  })
  assert.deepEqual(deviceOf(fleetOf(inventory), 'b').ntpServers, ['192.0.2.1'])
})

const flags = [
  ...['yes', 'Yes', 'on', 'true', 'True', '"yes"', '"on"', '1', 'y'].map((word) => [word, true]),
  ...['no', 'No', 'off', 'false', '"no"', '0', 'n', ''].map((word) => [word, false]),
] as const
for (const [word, flag] of flags) {
  test(`gps_enabled: ${String(word)} is ${String(flag)}`, () => {
    const fleet = fleetOf(inventoryOf({ a: ['ansible_host: 192.0.2.1', `gps_enabled: ${word}`] }))
    assert.equal(deviceOf(fleet, 'a').gps, flag)
  })
}

const refused: readonly { name: string; variables: readonly string[]; shown: string }[] = [
  {
    name: 'a stratum below 10 is refused: stratum is a result, not a setting',
    variables: ['stratum: 1'],
    shown:
      'inventory.yml:5:16: a: stratum 1 would let an undisciplined clock announce itself | leave it out; a GPS server goes into the group stratum1, with gps_enabled: yes',
  },
  {
    name: 'a pulse without a receiver is refused',
    variables: ['pps_enabled: yes'],
    shown: 'inventory.yml:5:20: a: pps_enabled needs gps_enabled | set gps_enabled: yes',
  },
  {
    name: 'a flag that is neither yes nor no is refused',
    variables: ['gps_enabled: maybe'],
    shown: 'inventory.yml:5:20: a: gps_enabled is neither yes nor no | write yes or no',
  },
  {
    name: 'a pin that no Pi has is refused',
    variables: ['pps_gpio: 28'],
    shown: 'inventory.yml:5:17: a: pps_gpio is not a whole number from 0 to 27',
  },
  {
    name: 'an empty text is not pin 0',
    variables: ['pps_gpio: ""'],
    shown: 'inventory.yml:5:17: a: pps_gpio is not a whole number from 0 to 27',
  },
  {
    name: 'a port with an exponent is refused',
    variables: ['http_port: "3e3"'],
    shown: 'inventory.yml:5:18: a: http_port is not a whole number from 1 to 65535',
  },
  {
    name: 'a port out of range is refused at its line',
    variables: ['gps_enabled: no', 'ntp_port: 65536'],
    shown: 'inventory.yml:6:17: a: ntp_port is not a whole number from 1 to 65535',
  },
  {
    name: 'a source that is no name is refused',
    variables: ['ntp_servers: "192.0.2.9; reboot"'],
    shown:
      'inventory.yml:5:20: a: ntp_servers has "reboot" after 192.0.2.9;, which is not supported | give Timeball a list of its own: timeball_ntp_servers',
  },
  {
    name: 'a source with a character that no name has is refused',
    variables: ['ntp_servers: "192.0.2.9;reboot"'],
    shown: 'inventory.yml:5:20: a: ntp_servers has "192.0.2.9;reboot", which is no host name',
  },
  {
    name: 'a device that follows itself by name is refused',
    variables: ['ntp_servers: [a]'],
    shown: 'inventory.yml:5:20: a: ntp_servers names the device itself',
  },
  {
    name: 'a device that follows itself by address is refused',
    variables: ['ntp_servers: 192.0.2.1'],
    shown: 'inventory.yml:5:20: a: ntp_servers names the device itself',
  },
  {
    name: 'two ports that are the same are refused',
    variables: ['http_port: 9000', 'metrics_port: 9000'],
    shown:
      'inventory.yml:6:21: a: metrics_port is 9000, as http_port is | give each a port of its own',
  },
  {
    name: 'a port that is the usual one of another is refused',
    variables: ['http_port: 9090'],
    shown:
      'inventory.yml:5:18: a: http_port is 9090, as metrics_port is | give each a port of its own',
  },
  {
    name: 'a list of sources with something else in it is refused, not shortened',
    variables: ['ntp_servers: [192.0.2.9, 5]'],
    shown:
      'inventory.yml:5:20: a: ntp_servers has 5, which is no name of a server | give Timeball a list of its own: timeball_ntp_servers',
  },
]
for (const { name, variables, shown } of refused) {
  test(name, () => {
    const inventory = inventoryOf({ a: ['ansible_host: 192.0.2.1', ...variables] })
    assert.deepEqual(shownProblems(buildFrom(inventory)), [shown])
  })
}

test('two devices at one address are refused where the second is written', () => {
  const inventory = inventoryOf({ a: ['ansible_host: 192.0.2.1'], b: ['ansible_host: 192.0.2.1'] })
  assert.deepEqual(shownProblems(buildFrom(inventory)), [
    'inventory.yml:6:21: b and a have the same address 192.0.2.1 port 22',
  ])
})

test('two devices whose names differ in case alone are refused where the second is written', () => {
  const inventory = inventoryOf({
    pi1: ['ansible_host: 192.0.2.1'],
    PI1: ['ansible_host: 192.0.2.2'],
  })
  assert.deepEqual(shownProblems(buildFrom(inventory)), [
    'inventory.yml:5:5: PI1 and pi1 differ in upper and lower case alone | Rename one of the two hosts',
  ])
})

test('two devices behind one address with different ports are two devices', () => {
  const hosts = {
    a: ['ansible_host: 192.0.2.1'],
    b: ['ansible_host: 192.0.2.1', 'ansible_port: 2'],
  }
  assert.equal(fleetOf(inventoryOf(hosts)).devices.length, 2)
})

test('the mistakes of all devices are shown at once', () => {
  const inventory = inventoryOf({
    a: ['ansible_host: 192.0.2.1', 'stratum: 2'],
    b: ['ansible_host: 192.0.2.2', 'gps_enabled: perhaps', 'http_port: 0'],
  })
  assert.equal(shownProblems(buildFrom(inventory)).length, 3)
})

function warningsOf(inventory: string): string[] {
  const { warnings, devices } = fleetOf(inventory)
  return showWarnings(warnings, new Set(devices.map(({ name }) => name)))
}

const four = 'ntp_servers: [192.0.2.5, 192.0.2.6, 192.0.2.7, 192.0.2.8]'
const warnings: readonly { name: string; variables: readonly string[]; said: readonly string[] }[] =
  [
    { name: 'four sources of one kind need no warning', variables: [four], said: [] },
    {
      name: 'two sources give no majority',
      variables: ['ntp_servers: [192.0.2.5, 192.0.2.6]'],
      said: ['a: 2 sources give no majority over a falseticker; use 4 or more'],
    },
    {
      name: 'one source that is named twice is still one',
      variables: ['ntp_servers: [192.0.2.5, 192.0.2.5]'],
      said: ['a: 1 source gives no majority over a falseticker; use 4 or more'],
    },
    {
      name: 'sources that smear leap seconds are not mixed with others unsaid',
      variables: ['ntp_servers: [time.cloudflare.com, time.google.com, time.aws.com, 192.0.2.5]'],
      said: ['a: time.google.com, time.aws.com smears leap seconds, the others do not'],
    },
    {
      name: 'sources that all smear are of one mind',
      variables: [
        'ntp_servers: [time1.google.com, time2.google.com, time.facebook.com, time.aws.com]',
      ],
      said: [],
    },
    {
      name: 'a bare name that is no member is said, since it may be a member mistyped',
      variables: ['ntp_servers: [pi-gps-09, 192.0.2.5, 192.0.2.6, 192.0.2.7]'],
      said: ['a: pi-gps-09 is no member of the fleet; left to DNS'],
    },
  ]
for (const { name, variables, said } of warnings) {
  test(name, () => {
    const inventory = inventoryOf({ a: ['ansible_host: 192.0.2.1', ...variables] })
    assert.deepEqual(warningsOf(inventory), said)
  })
}

test('a device with a receiver outside of stratum1 is said, as after a rename of that group', () => {
  const found = warningsOf(
    'all: {children: {gps: {hosts: {a: {ansible_host: 192.0.2.1, gps_enabled: yes}}}, stratum1: {hosts: {b: {ansible_host: 192.0.2.2, gps_enabled: yes}}}}}\n',
  )
  assert.ok(
    found.includes(
      'a: has a receiver, but is not in the group stratum1: no relay follows it by default',
    ),
    found.join('\n'),
  )
})

test('a device of stratum1 without a receiver is said', () => {
  const inventory = 'all: {children: {stratum1: {hosts: {a: {ansible_host: 192.0.2.1}}}}}\n'
  assert.deepEqual(warningsOf(inventory), ['a: in the group stratum1, but gps_enabled is not set'])
})

test('the key of the settings is that of devices which have none of their own', () => {
  const inventory = inventoryOf({
    a: gps,
    b: ['ansible_host: 192.0.2.2', 'ansible_ssh_private_key_file: /keys/b'],
  })
  const fleet = fleetOf(inventory, 'ssh:\n  private_key_file: /keys/all\n')
  assert.deepEqual(
    fleet.devices.map(({ privateKeyFile }) => privateKeyFile),
    ['/keys/all', '/keys/b'],
  )
})
