import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inventoryOf } from '../../test/inventory-of.ts'
import { connectionOf } from './connection.ts'
import { readSshArguments } from './ssh-arguments.ts'
import { readSshConfig } from './ssh-config.ts'

test('a connection has what the inventory says, with templates resolved', () => {
  const inventory = inventoryOf(
    `all:\n  vars:\n    net: 192.168.1\n    ansible_port: "2222"\n    ansible_ssh_common_args: '-o ProxyJump="a,b" -4'\n` +
      '    ansible_ssh_args: -C -o ControlMaster=auto -o ControlPersist=60s\n' +
      '  hosts:\n    pi-01: {ansible_host: "{{ net }}.7", ansible_user: ops, ansible_ssh_extra_args: -o Ciphers=x}\n' +
      '    pi-02:\n    pi-03: {ansible_host: "{{ net }}.999"}\n',
  )
  const { connection, problems } = connectionOf(inventory, 'pi-01')
  assert.deepEqual(problems, [])
  assert.deepEqual(connection, {
    address: '192.168.1.7',
    port: 2222,
    user: 'ops',
    privateKeyFile: null,
    sshArguments: ['-C', '-o', 'ProxyJump=a,b', '-4', '-o', 'Ciphers=x'],
    programs: [],
    configFiles: [],
    dropped: [],
  })
  assert.equal(connectionOf(inventory, 'pi-02').connection.address, 'pi-02')
  const third = connectionOf(inventory, 'pi-03').problems.map(({ what }) => what)
  assert.deepEqual(third, ['ansible_host is not an address: "192.168.1.999"'])
})

const refused: readonly (readonly [variables: string, what: RegExp])[] = [
  ['ansible_host: 192.168.1.256', /^inv.*:1:33 ansible_host is not an address: "192.168.1.256"$/],
  ['ansible_host: 192.168', /ansible_host is not text/],
  ['ansible_host: "a; reboot"', /ansible_host is not an address/],
  ['ansible_port: 70000', /ansible_port is not a port/],
  ['ansible_user: -oX', /ansible_user is not a login name/],
  ['ansible_user: "DOM\\\\u"', /ansible_user is not a login name: "DOM\\u" \(.* user@domain\)/],
  [`ansible_ssh_common_args: '-o "X'`, /quote that is not closed/],
  ['ansible_ssh_private_key_file: 5', /ansible_ssh_private_key_file is not text/],
]
for (const [variables, what] of refused) {
  test(`${variables} is refused at its place`, () => {
    const inventory = inventoryOf(`all: {hosts: {a: {${variables}}}}\n`)
    const { problems } = connectionOf(inventory, 'a')
    const shown = problems.map(
      (each) => `${each.file}:${each.line}:${each.column} ${each.what} (${each.fix})`,
    )
    assert.match(shown.map((each) => each.replace(/ \(Write an IP.*$/, '')).join('\n'), what)
  })
}

/** Options that pass the check of host keys, run programs, or change what is done. */
const dangerous = [
  ...['KnownHostsCommand=/bin/echo', 'NoHostAuthenticationForLocalhost=yes', 'SessionType=none'],
  ...['StdinNull=yes', 'ForkAfterAuthentication=yes', 'LocalCommand=x', 'PermitLocalCommand=yes'],
  ...['RemoteCommand=x', 'PKCS11Provider=/x.so', 'SecurityKeyProvider=/x.so', 'Include=/x'],
  ...[
    'XAuthLocation=/x',
    'HostName=other',
    'Port=1',
    'User=root',
    'LocalForward=1 h:1',
    'Nonsense=1',
  ],
  ...['ProxyJump=-oProxyCommand=x', 'ProxyJump=a b'],
]
for (const option of dangerous) {
  test(`the ssh option ${option} is refused`, () => {
    for (const words of [['-o', option], [`-o${option}`], ['-o', option.replace('=', ' ')]]) {
      assert.equal(readSshArguments(words).ok, false, words.join(' '))
    }
    const folded = option.replace(/^\w+/, (name) => name.toUpperCase())
    assert.equal(readSshArguments(['-o', folded]).ok, false, folded)
  })
}

test('arguments that are no option, or one that changes what is done, are refused', () => {
  for (const words of [
    'host',
    '-N',
    '-n',
    '-f',
    '-L 1:h:1',
    '--',
    '-o',
    '-p 22',
    '-l root',
    '-I x',
  ]) {
    assert.equal(readSshArguments(words.split(' ')).ok, false, words)
  }
})

test('what inventories usually have is read, or said to have no effect', () => {
  const usual =
    '-C -o ControlMaster=auto -oControlPersist=60s -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ' +
    '-A -o ForwardAgent=yes -o ForwardX11=no -J ops@gate:2222,[2001:db8::1]:22 -F ssh_config -i key -4 -o ServerAliveInterval=5'
  const read = readSshArguments(usual.split(' '))
  assert.ok(read.ok, JSON.stringify(read))
  assert.deepEqual(read.value, {
    words: [
      ...[
        '-C',
        '-o',
        'ProxyJump=ops@gate:2222,[2001:db8::1]:22',
        '-F',
        'ssh_config',
        '-i',
        'key',
        '-4',
      ],
      ...['-o', 'ServerAliveInterval=5'],
    ],
    programs: [],
    configFiles: ['ssh_config'],
    dropped: ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', '-A', 'ForwardAgent=yes'],
  })
})

test('a ProxyCommand is kept, and named', () => {
  const read = readSshArguments(['-o', 'ProxyCommand=ssh -W %h:%p gate'])
  assert.ok(read.ok)
  assert.deepEqual(read.value.programs, ['ProxyCommand=ssh -W %h:%p gate'])
  assert.deepEqual(read.value.words, ['-o', 'ProxyCommand=ssh -W %h:%p gate'])
})

test('the file of ssh -F is looked through for programs and for what is not allowed', () => {
  const text =
    'Host pi-*\n  HostName %h.example.org\n  ProxyJump gate\n\n# a comment\nMatch host x exec "touch /tmp/x"\n' +
    '  ProxyCommand = nc %h %p\nMatch user exec\nInclude other\n  KnownHostsCommand /bin/echo\n'
  const { programs, problems } = readSshConfig({ path: 'ssh_config', text })
  const shown = programs.map(({ line, column, what }) => `${line}:${column} ${what}`)
  assert.deepEqual(shown, [
    '6:1 Match host x exec "touch /tmp/x"',
    '7:3 ProxyCommand nc %h %p',
    '8:1 Match user exec',
    '9:1 Include other',
  ])
  assert.deepEqual(
    problems.map(({ line, what }) => `${line} ${what}`),
    ['10 the ssh option KnownHostsCommand is not allowed in a file that the inventory names'],
  )
})

test('hostile arguments are read in linear time', () => {
  for (const text of [
    '-o'.repeat(50_000),
    `-J${'a@'.repeat(50_000)}`,
    `-o${' '.repeat(100_000)}`,
  ]) {
    assert.equal(readSshArguments([text]).ok, false)
  }
})
