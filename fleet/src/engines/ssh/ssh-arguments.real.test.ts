import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { Target } from '../../ports/engine.ts'
import { keyScanArguments, sshArguments } from './ssh-arguments.ts'
import type { SshOptions } from './ssh-arguments.ts'

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

function argumentsOf(given: Partial<Target> = {}, changed: Partial<SshOptions> = {}): string[] {
  const made = sshArguments({ ...target, ...given }, { ...options, ...changed }, 'reuse')
  assert.ok(made.ok, JSON.stringify(made))
  return made.value
}

/** What ssh itself makes of the arguments. */
function effective(words: readonly string[]): ReadonlyMap<string, string> {
  const asked = spawnSync('ssh', ['-G', '-F', 'none', ...words], { encoding: 'utf8' })
  assert.equal(asked.status, 0, `ssh(1) is needed: ${asked.error?.message ?? asked.stderr}`)
  return new Map(
    asked.stdout.split('\n').map((line) => {
      const space = line.indexOf(' ')
      return [line.slice(0, space), line.slice(space + 1)]
    }),
  )
}

test('ssh understands every option, and the inventory cannot weaken one', () => {
  const weakening = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'BatchMode=no',
    'ForwardAgent=yes',
    'PermitLocalCommand=yes',
    'RemoteCommand=tmux',
    'ControlPath=/tmp/shared',
    'LocalForward=1234 localhost:1',
    'KnownHostsCommand=/bin/echo',
    'GlobalKnownHostsFile=/tmp/known',
    'NoHostAuthenticationForLocalhost=yes',
    'SessionType=none',
    'StdinNull=yes',
    'ForkAfterAuthentication=yes',
    'ConnectTimeout=42',
  ]
  const settings = effective(argumentsOf({ commonArgs: weakening.flatMap((word) => ['-o', word]) }))
  assert.match(settings.get('stricthostkeychecking') ?? '', /^(yes|true)$/u)
  assert.equal(settings.get('batchmode'), 'yes')
  assert.equal(settings.get('forwardagent'), 'no')
  assert.equal(settings.get('permitlocalcommand'), 'no')
  assert.equal(settings.get('remotecommand'), undefined)
  assert.match(settings.get('controlpath') ?? '', /^\/run\/user\/1000\/timeball\//u)
  assert.equal(settings.get('localforward'), undefined)
  assert.equal(settings.get('knownhostscommand'), undefined)
  assert.equal(settings.get('nohostauthenticationforlocalhost'), 'no')
  assert.equal(settings.get('sessiontype'), 'default')
  assert.equal(settings.get('stdinnull'), 'no')
  assert.equal(settings.get('forkafterauthentication'), 'no')
  assert.match(settings.get('globalknownhostsfile') ?? '', /^\/etc\/ssh\/ssh_known_hosts /u)
  assert.equal(settings.get('connecttimeout'), '42', 'patience is the inventory’s to choose')
  assert.match(
    settings.get('userknownhostsfile') ?? '',
    /my fleet\/known_hosts.*\.ssh\/known_hosts/u,
  )
})

test('paths with spaces, quotes, hashes and percent signs reach ssh unchanged', () => {
  const controlDirectory = '/tmp/a b#c'
  const settings = effective(argumentsOf({}, { controlDirectory }))
  assert.ok(settings.get('controlpath')?.startsWith(`${controlDirectory}/`))
  const scan = keyScanArguments(target, options, '/tmp/x"y z')
  assert.ok(scan.ok)
  assert.equal(effective(scan.value).get('userknownhostsfile'), '/tmp/x"y z')
})
