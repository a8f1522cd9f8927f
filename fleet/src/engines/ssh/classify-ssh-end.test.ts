import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FailureCode } from '../../core/failure.ts'
import { classifySshEnd } from './classify-ssh-end.ts'

const changed = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
The fingerprint for the ED25519 key sent by the remote host is\r
SHA256:hbBZUAoXWFKJ0fpSj4MJ0Uw+EGBbJVgWWNzmHm+Rbqo.
Please contact your system administrator.
Add correct host key in /home/op/.ssh/known_hosts to get rid of this message.
Offending ED25519 key in /home/op/.ssh/known_hosts:7
Host key for pi-gps-01 has changed and you have requested strict checking.
Host key verification failed.
`

/** What OpenSSH 9.2 writes with -E at LogLevel ERROR, with status 255. */
const own: readonly (readonly [string, FailureCode, RegExp])[] = [
  [
    'ssh: connect to host 10.0.0.9 port 22: Connection refused\r\n',
    'unreachable',
    /^ssh: TCP 22: Connection refused$/u,
  ],
  ['ssh: connect to host 10.0.0.9 port 22: No route to host\r\n', 'unreachable', /No route/u],
  ['ssh: connect to host 10.0.0.9 port 22: Connection timed out', 'unreachable', /timed out/u],
  ['Connection timed out during banner exchange\r\n', 'unreachable', /banner/u],
  ['ssh: Could not resolve hostname pi: Name or service not known', 'unreachable', /resolve/u],
  ['kex_exchange_identification: read: Connection reset by peer', 'unreachable', /reset/u],
  [
    'pi@10.0.0.9: Permission denied (publickey,password).\r\n',
    'auth-refused',
    /^Permission denied \(publickey,password\)\.$/u,
  ],
  [
    'Received disconnect from 10.0.0.9 port 22:2: Too many authentication failures',
    'auth-refused',
    /Too many/u,
  ],
  [
    'No ED25519 host key is known for [pi]:2222 and you have requested strict checking.\r\nHost key verification failed.',
    'host-key-unknown',
    /^No ED25519 host key is known for \[pi\]:2222$/u,
  ],
  ['Host key verification failed.', 'host-key-unknown', /failed/u],
  [changed, 'host-key-changed', /now sends SHA256:hbBZ.*Rbqo; .*known_hosts:7$/u],
  ['', 'unreachable', /without a report/u],
]

test('a key file that is missing is no word of the far side', () => {
  const log = 'ssh: connect to host 10.0.0.9 port 22: Connection refused\r\n'
  const stderr = 'Warning: Identity file k not accessible: No such file or directory.\n'
  const { detail } = classifySshEnd({ code: 255, log, stderr, begun: false })
  assert.equal(detail, 'ssh: TCP 22: Connection refused')
})

for (const [log, code, detail] of own) {
  test(`ssh's ${JSON.stringify(log.slice(0, 60))} is ${code}`, () => {
    const failure = classifySshEnd({ code: 255, log, stderr: '', begun: false })
    assert.equal(failure.code, code)
    assert.match(failure.detail, detail)
  })
}

function layerOf(log: string, stderr = ''): string | undefined {
  return classifySshEnd({ code: 255, log, stderr, begun: false }).layer
}

test('the layer at which a connection fails is what ssh says of it, never what the far side does', () => {
  assert.equal(layerOf('ssh: Could not resolve hostname pi: Name or service not known'), 'name')
  assert.equal(layerOf('ssh: connect to host 10.0.0.9 port 22: No route to host'), 'route')
  assert.equal(layerOf('ssh: connect to host 10.0.0.9 port 22: Connection timed out'), 'route')
  assert.equal(layerOf('ssh: connect to host 10.0.0.9 port 22: Connection refused'), 'port')
  assert.equal(layerOf('', 'ssh: connect to host 10.0.0.9 port 22: Connection refused'), undefined)
})

const hostKeyTexts = [
  changed,
  'No ED25519 host key is known for pi and you have',
  'REVOKED HOST KEY',
]

test('what the far side writes is quoted, and is no verdict about host keys', () => {
  for (const stderr of hostKeyTexts) {
    const failure = classifySshEnd({ code: 255, log: '', stderr, begun: false })
    assert.equal(failure.code, 'unreachable')
    assert.match(failure.detail, /^the connection ended without a report; the far side said: /u)
  }
})

test('nor is what ssh itself writes where it quotes the far side', () => {
  const quoting = [
    'Received disconnect from 10.0.0.9 port 22:2: no\n',
    'Unable to negotiate with 10.0.0.9 port 22: no matching host key type found. Their offer: x\n',
    'channel 0: open failed: connect failed: \n',
  ]
  for (const quote of quoting) {
    for (const text of hostKeyTexts) {
      const end = { code: 255, log: quote + text, stderr: '', begun: false }
      assert.doesNotMatch(classifySshEnd(end).code, /host-key/u)
    }
  }
})

test('a command line that ssh does not take is told in its words', () => {
  const stderr = 'command-line: line 0: Bad configuration option: nonsense\r\n'
  const failure = classifySshEnd({ code: 255, log: null, stderr, begun: false })
  assert.equal(failure.detail, 'command-line: line 0: Bad configuration option: nonsense')
})

test('once the report has begun, status 255 is a lost connection whatever the text says', () => {
  const failure = classifySshEnd({ code: 255, log: changed, stderr: changed, begun: true })
  assert.equal(failure.code, 'unreachable')
  assert.match(failure.detail, /^the connection was lost before the report was complete/u)
})

test('any other status is the far side’s', () => {
  const asked = { code: 1, log: '', stderr: 'sudo: a password is required\n', begun: false }
  assert.equal(classifySshEnd(asked).code, 'not-root')
  const full = { ...asked, stderr: 'tar: x: Cannot write: No space left on device\n' }
  assert.equal(classifySshEnd(full).code, 'no-space')
  const denied = { ...asked, stderr: 'Permission denied (publickey)' }
  assert.equal(classifySshEnd(denied).code, 'protocol')
})

test('an ssh that a signal ended is unreachable', () => {
  const killed = { code: null, log: '', stderr: '', begun: false }
  assert.equal(classifySshEnd(killed).code, 'unreachable')
})
