/**
 * Operators on a virtual Pi with a real sshd: let in, shut out, and a change that locks everybody out
 * taken back by the device itself. Needs root on Debian. The tests build on each other.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { run, waitFor } from '@timeball/lab/pis/run.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { copyOfGuide, type Ended, freshLab, timeball } from './command-line.ts'

const device = guideDevices.find(({ name }) => name === 'pi-ntp-01')
assert.ok(device)
const pi = device
const paths = labPaths(process.env)
let folder = ''
let settings = ''
let key = ''

function words(text: string): readonly string[] {
  return [...text.split(' '), '-i', join(folder, 'inventory.yml')]
}

function succeeded(ended: Ended): Ended {
  assert.equal(ended.exit, 0, `${ended.stdout}\n${ended.stderr}`)
  return ended
}

/** Over a connection of its own; whether the command went well. */
async function mayLogIn(
  user: string,
  command = 'true',
  more: readonly string[] = [],
): Promise<boolean> {
  const file = user === 'pi' ? join(paths.guideState, 'id_ed25519') : join(folder, 'ada')
  const args = sshArgs(paths, pi, command).map((word) => {
    if (word === `pi@${pi.address}`) return `${user}@${pi.address}`
    return word === join(paths.guideState, 'id_ed25519') ? file : word
  })
  const at = args.indexOf('--')
  return (await run([...args.slice(0, at), ...more, ...args.slice(at)])).code === 0
}

/** By hand, with the key of the restricted account; how it ended and what it said. */
async function byAccount(program: string, args: readonly string[]) {
  const options = [
    ...['-F', 'none', '-i', join(folder, 'keys', 'account'), '-o', 'IdentitiesOnly=yes'],
    ...['-o', 'BatchMode=yes', '-o', 'ExitOnForwardFailure=yes', '-o', 'ConnectTimeout=5'],
    ...['-o', `UserKnownHostsFile=${join(paths.guideState, 'known_hosts')}`],
  ]
  return await run(['ip', 'netns', 'exec', namespaceName, program, ...options, ...args])
}

/** The fleet with such an account, and with `access:`. */
function restricted(more: string): void {
  const text = settings.replace(/^ssh:$/m, 'ssh:\n  account: { private_key_file: keys/account }')
  assert.notEqual(text, settings)
  writeFileSync(join(folder, 'fleet.yaml'), `${text}access: {}\n${more}`)
}

function access(operators: string, more = ''): void {
  const line = `access: { operators: { ${operators} }${more === '' ? '' : `, ${more}`} }\n`
  writeFileSync(join(folder, 'fleet.yaml'), `${settings}${line}`)
}

before(
  async () => {
    await freshLab()
    folder = copyOfGuide()
    const made = spawnSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'ada',
      '-f',
      join(folder, 'ada'),
    ])
    assert.equal(made.status, 0)
    key = readFileSync(join(folder, 'ada.pub'), 'utf8').trim()
    const text = readFileSync(join(folder, 'fleet.yaml'), 'utf8')
    settings = `${text}apply: { confirm_timeout: 15s, settle_timeout: 0s }\n`
    writeFileSync(join(folder, 'fleet.yaml'), settings)
    succeeded(await timeball(words('apply pi-ntp-01 --yes')))
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

test('a named operator logs in with his key, becomes root, and nobody comes with a password', async () => {
  access(`ada: { keys: ["${key}"] }`)
  const planned = succeeded(await timeball(words('access plan pi-ntp-01')))
  assert.match(planned.stdout, /AllowUsers ada pi/)
  assert.equal(await mayLogIn('ada'), false)
  succeeded(await timeball(words('access apply pi-ntp-01 --yes')))
  assert.equal(await mayLogIn('ada', 'test "$(pwd)" = /home/ada && sudo -n true'), true)
  assert.equal(await mayLogIn('pi', 'sudo -n true'), true)
  assert.equal(await mayLogIn('root'), false)
  const asked = await run(sshArgs(paths, pi, 'sudo sshd -T'))
  assert.match(asked.stdout, /^passwordauthentication no$/m)
  assert.match(asked.stdout, /^permitrootlogin no$/m)
  assert.match(succeeded(await timeball(words('access plan pi-ntp-01'))).stdout, /No changes/)
})

test('a change that locks everybody out goes back by itself', async () => {
  access(`pi: { keys: ["${key}"] }`)
  const { exit, stdout } = await timeball(words('access apply pi-ntp-01 --yes'))
  assert.equal(exit, 3, stdout)
  assert.match(stdout, /Permission denied/)
  assert.equal(await mayLogIn('pi'), false)
  await waitFor('the device to go back', 90_000, () => mayLogIn('pi', 'sudo -n true'))
  assert.equal(await mayLogIn('ada', 'sudo -n true'), true)
  const planned = succeeded(await timeball(words('access plan pi-ntp-01')))
  assert.match(planned.stdout, /was reverted/)
})

test('an sshd that would not come up again is not restarted, and the files go back', async () => {
  const byHand = '/etc/ssh/sshd_config.d/90-by-hand.conf'
  await run(sshArgs(paths, pi, `echo Nonsense yes | sudo tee ${byHand}`))
  access(`ada: { keys: ["${key}"], sudo: false }`)
  const { exit, stdout } = await timeball(words('access apply pi-ntp-01 --yes'))
  assert.equal(exit, 3, stdout)
  assert.match(stdout, /option: Nonsense/)
  assert.equal(await mayLogIn('ada', 'sudo -n true'), true)
  await run(sshArgs(paths, pi, `sudo rm ${byHand}`))
})

test('a certificate of an authority opens the account that it names, until its key is revoked', async () => {
  const ca = join(folder, 'ca')
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-C', 'ca', '-N', '', '-f', ca])
  assert.equal(made.status, 0)
  const sign = ['-q', '-s', ca, '-I', 'ada', '-n', 'ada', '-V', '-5m:+1h', join(folder, 'ada.pub')]
  assert.equal(spawnSync('ssh-keygen', sign).status, 0)
  const authority = readFileSync(`${ca}.pub`, 'utf8').trim()
  access('ada: {}', `user_ca: ["${authority}"]`)
  succeeded(await timeball(words('access apply pi-ntp-01 --yes')))
  assert.equal(await mayLogIn('ada', 'sudo -n true'), true)
  access('ada: {}', `user_ca: ["${authority}"], revoked: ["${key}"]`)
  succeeded(await timeball(words('access apply pi-ntp-01 --yes')))
  assert.equal(await mayLogIn('ada'), false)
  assert.equal(await mayLogIn('pi', 'sudo -n true'), true)
  rmSync(join(folder, 'ada-cert.pub'))
})

test('keys end on their day, and who is taken out is shut out', async () => {
  access(`ada: { keys: ["${key}"], expires: "2020-01-01" }`)
  succeeded(await timeball(words('access apply pi-ntp-01 --yes')))
  assert.equal(await mayLogIn('ada'), false)
  assert.equal(await mayLogIn('pi'), true)
  access('')
  succeeded(await timeball(words('access apply pi-ntp-01 --yes')))
  assert.equal(await mayLogIn('ada'), false)
  assert.equal(await mayLogIn('pi', 'sudo -n true'), true)
})

test('a restricted account is made beside the operators, and applies', async () => {
  restricted('')
  const { stdout } = succeeded(await timeball(words('enroll pi-ntp-01')))
  assert.match(stdout, /^pi-ntp-01: has the account timeball, which may only apply$/m)
  assert.match(succeeded(await timeball(words('ping pi-ntp-01'))).stdout, /pi-ntp-01: ok/)
  succeeded(await timeball(words('apply pi-ntp-01 --yes')))
  restricted('health: { max_offset_ms: 77 }\n')
  const planned = succeeded(await timeball(words('plan pi-ntp-01')))
  assert.match(planned.stdout, /MAX_OFFSET_MS=77/)
  succeeded(await timeball(words('apply pi-ntp-01 --yes')))
  assert.match(succeeded(await timeball(words('plan pi-ntp-01'))).stdout, /No changes/)
  const asked = await run(sshArgs(paths, pi, 'sudo cat /etc/ssh/sshd_config.d/00-timeball.conf'))
  assert.match(asked.stdout, /^AllowUsers pi timeball$/m)
})

test('what it may not is said', async () => {
  const { exit, stderr } = await timeball([...words('run pi-ntp-01'), '--', 'id'])
  assert.equal(exit, 3)
  assert.match(stderr, /its account runs Timeball's applier and nothing else/)
  assert.equal(await mayLogIn('pi', 'true'), true)
})

test('its key opens no shell, no files, no ports, and cannot be added to', async () => {
  const shell = await byAccount('ssh', [`timeball@${pi.address}`, 'id'])
  assert.equal(shell.code, 3)
  assert.doesNotMatch(shell.stdout, /uid=/)
  assert.match(shell.stdout, /corrupt-bundle/)
  const terminal = await byAccount('ssh', ['-tt', `timeball@${pi.address}`])
  assert.match(terminal.stdout + terminal.stderr, /PTY allocation request failed/)
  const files = await byAccount('ssh', ['-s', `timeball@${pi.address}`, 'sftp'])
  assert.match(files.stdout, /corrupt-bundle/)
  const through = await byAccount('ssh', ['-W', '127.0.0.1:22', `timeball@${pi.address}`])
  assert.match(through.stderr, /administratively prohibited/)
  const back = ['-R', '127.0.0.1:0:127.0.0.1:9', `timeball@${pi.address}`]
  assert.match((await byAccount('ssh', back)).stderr, /remote port forwarding failed/)
  const owned = 'find /usr/lib/timeball ! -user root -o -perm /022 | wc -l'
  assert.equal((await run(sshArgs(paths, pi, owned))).stdout.trim(), '0')
})
