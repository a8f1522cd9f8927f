import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import type { Target } from '../../ports/engine.ts'
import { controlPath, sshArguments } from './ssh-arguments.ts'
import type { Connection, SshOptions } from './ssh-arguments.ts'

const options: SshOptions = {
  controlDirectory: '/run/user/1000/timeball',
  knownHostsFiles: ['/home/op/my fleet/known_hosts', '/home/op/.ssh/known_hosts'],
  hostKeys: 'strict',
  connectTimeoutSeconds: 10,
  persistSeconds: 60,
}

const target: Target = {
  device: 'pi-gps-01',
  address: '192.168.1.10',
  port: 22,
  user: 'pi',
  privateKeyFile: null,
  commonArgs: [],
}

function argumentsOf(
  given: Partial<Target> = {},
  changed: Partial<SshOptions> = {},
  connection: Connection = 'reuse',
): string[] {
  const made = sshArguments({ ...target, ...given }, { ...options, ...changed }, connection)
  assert.ok(made.ok, JSON.stringify(made))
  return made.value
}

/** The arguments with each `-o NAME=VALUE` as one word, for reading. */
function golden(words: readonly string[]): string {
  return words
    .join('\n')
    .replaceAll('-o\n', '')
    .replaceAll(/^(-[pli])\n/gmu, '$1 ')
    .replace(/[0-9a-f]{24}/u, 'HASH')
}

const safety = `IgnoreUnknown=KnownHostsCommand,SessionType,StdinNull,ForkAfterAuthentication
KnownHostsCommand=none
SessionType=default
StdinNull=no
ForkAfterAuthentication=no
NoHostAuthenticationForLocalhost=no
BatchMode=yes
StrictHostKeyChecking=yes
UserKnownHostsFile="/home/op/my fleet/known_hosts" "/home/op/.ssh/known_hosts"
HashKnownHosts=no
UpdateHostKeys=no
VerifyHostKeyDNS=no
ClearAllForwardings=yes
ForwardAgent=no
ForwardX11=no
PermitLocalCommand=no
RemoteCommand=none
RequestTTY=no
EscapeChar=none
LogLevel=ERROR`

const patience = `ConnectTimeout=10
ConnectionAttempts=1
ServerAliveInterval=10
ServerAliveCountMax=3`

test('a delivery over a shared connection', () => {
  assert.equal(
    golden(argumentsOf()),
    `-T
-p 22
-l pi
${safety}
GlobalKnownHostsFile=/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
ControlMaster=auto
ControlPath="/run/user/1000/timeball/HASH"
ControlPersist=60
${patience}
--
192.168.1.10`,
  )
})

test('a fresh connection with a key file, new host keys and arguments of the inventory', () => {
  const given = {
    privateKeyFile: '/home/op/100%/key',
    port: 2222,
    commonArgs: ['-o', 'ProxyJump=ops@gate', '-o', 'StrictHostKeyChecking=no'],
  }
  assert.equal(
    golden(argumentsOf(given, { hostKeys: 'accept-new' }, 'fresh')),
    `-T
-p 2222
-l pi
${safety.replace('Checking=yes', 'Checking=accept-new')}
-i /home/op/100%%/key
IdentitiesOnly=yes
GlobalKnownHostsFile=/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
ControlMaster=no
ControlPath=none
ProxyJump=ops@gate
StrictHostKeyChecking=no
${patience}
--
192.168.1.10`,
  )
})

test('devices share no connection unless all that leads to them is the same', () => {
  const behind = (gate: string) => ({ ...target, commonArgs: ['-J', gate] })
  assert.equal(controlPath(target, options), controlPath({ ...target }, options))
  const paths = [
    target,
    behind('gate-a'),
    behind('gate-b'),
    { ...target, user: 'root' },
    { ...target, port: 2222 },
    { ...target, privateKeyFile: '/key' },
    { ...target, address: '192.168.1.11' },
  ].map((each) => controlPath(each, options))
  assert.equal(new Set(paths).size, paths.length)
})

test('a folder with too long a name for a socket is refused', () => {
  const made = sshArguments(target, { ...options, controlDirectory: `/${'x'.repeat(90)}` }, 'reuse')
  assert.ok(!made.ok)
  assert.match(made.failure, /too long a name/u)
})

const hostile = [
  '-oProxyCommand=touch /tmp/pwned',
  '',
  ' ',
  'a b',
  '$(id)',
  '`id`',
  'a;id',
  'a|id',
  "a'b",
  'a"b',
  'a\nb',
  'a\0b',
  '../x',
  'ssh://x:1',
  '[::1]:22',
  '{a,b}',
  'a\u202Eb',
  'ä',
]

test('an address or a user that could be something else is refused', () => {
  for (const word of [...hostile, 'user@host']) {
    assert.ok(!sshArguments({ ...target, address: word }, options, 'reuse').ok, word)
  }
  for (const word of hostile) {
    assert.ok(!sshArguments({ ...target, user: word }, options, 'reuse').ok, word)
  }
  for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
    assert.ok(!sshArguments({ ...target, port }, options, 'reuse').ok)
  }
})

test('addresses and users of real fleets are accepted', () => {
  for (const address of [
    'pi-gps-01',
    'pi.local',
    '10.0.0.1',
    '::1',
    'fe80::1%eth0',
    'a_b.example',
  ]) {
    assert.equal(argumentsOf({ address }).at(-1), address)
  }
  for (const user of ['pi', 'root', '_apt', 'ops.team', 'm-ueller', 'a@example.org', 'host$']) {
    argumentsOf({ user })
  }
})

test('an argument of the inventory that is no connection option is refused', () => {
  for (const commonArgs of [
    ['evil-host'],
    ['-A'],
    ['-L', '1:h:1'],
    ['-N'],
    ['-n'],
    ['--'],
    ['-o'],
  ]) {
    assert.ok(!sshArguments({ ...target, commonArgs }, options, 'reuse').ok, commonArgs.join(' '))
  }
  argumentsOf({ commonArgs: ['-4', '-C', '-J', 'gate', '-oUser=x', '-F', '/etc/fleet ssh'] })
})

test('whatever the target says, the address is the last word and follows the only bare --', () => {
  const text = anyText({ maxLength: 12 })
  fc.assert(
    fc.property(text, text, fc.array(text, { maxLength: 4 }), (address, user, commonArgs) => {
      const made = sshArguments({ ...target, address, user, commonArgs }, options, 'fresh')
      if (!made.ok) return
      assert.deepEqual(made.value.slice(-2), ['--', address])
      assert.doesNotMatch(address, /^-|[^A-Za-z0-9_.:%-]/u)
      assert.equal(made.value.findIndex((word) => word === '-l') + 1, made.value.indexOf(user))
    }),
  )
})
