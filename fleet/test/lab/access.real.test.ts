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
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import { run, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { copyOfGuide, timeball, type Ended } from './command-line.ts'

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

function access(operators: string, more = ''): void {
  const line = `access: { operators: { ${operators} }${more === '' ? '' : `, ${more}`} }\n`
  writeFileSync(join(folder, 'fleet.yaml'), `${settings}${line}`)
}

before(
  async () => {
    const up = await labUp({ hosts: 0, onProgress: () => {} })
    assert.ok(up.ok, up.ok ? '' : up.failure.detail)
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
