import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { noFaults } from './faults.ts'
import { makeKeyPair } from './keys.ts'
import { ssh, sshArguments } from './test/ssh-client.ts'
import { temporaryFleet, until } from './test/temporary-fleet.ts'

const fleet = await temporaryFleet({
  devices: [{ name: 'pi-gps-01', group: 'stratum1', ntpServers: [] }],
})

beforeEach(() => {
  Object.assign(fleet.device('pi-gps-01').faults, noFaults())
})

test('the exit code and both outputs of a command come back', async () => {
  const result = await ssh(fleet, 'pi-gps-01', 'echo out; echo err >&2; exit 42')
  assert.deepEqual(result, { code: 42, stdout: 'out\n', stderr: 'err\n' })
})

test('a command that is killed ends ssh with 255, as sshd does it', async () => {
  const result = await ssh(fleet, 'pi-gps-01', 'kill -KILL $$')
  assert.equal(result.code, 255)
})

test('five megabytes go in and come back unchanged', async () => {
  const input = randomBytes(5_000_000)
  const command = 'tee "$TIMEBALL_ROOT/tmp/in" | sha256sum; base64 -w0 <"$TIMEBALL_ROOT/tmp/in"'
  const result = await ssh(fleet, 'pi-gps-01', command, { input })
  const [sum = '', echoed = ''] = result.stdout.split('  -\n')
  assert.equal(sum, createHash('sha256').update(input).digest('hex'))
  assert.equal(echoed, input.toString('base64'))
})

test('a command that does not read its input still gives its answer', async () => {
  const input = randomBytes(5_000_000)
  const result = await ssh(fleet, 'pi-gps-01', 'echo done; exit 7', { input })
  assert.deepEqual([result.code, result.stdout], [7, 'done\n'])
})

test('a command sees the environment of its device and nothing of ours', async () => {
  const { root } = fleet.device('pi-gps-01')
  const result = await ssh(fleet, 'pi-gps-01', 'env | cut -d= -f1 | sort | xargs; echo $PATH')
  const [names = '', path = ''] = result.stdout.split('\n')
  assert.equal(names, 'HOME LC_ALL LOGNAME PATH PWD SHELL TIMEBALL_ROOT USER')
  assert.ok(path.startsWith(join(root, '../bin:')))
})

test('many commands share one connection', async () => {
  const { privateKeyFile } = fleet
  const options = [`ControlPath=${privateKeyFile}.%C`, 'ControlMaster=auto', 'ControlPersist=30']
  const first = await ssh(fleet, 'pi-gps-01', 'true', { options })
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) => {
      return ssh(fleet, 'pi-gps-01', `cat; exit ${index}`, { options, input: Buffer.from('x') })
    }),
  )
  assert.equal(first.code, 0)
  assert.deepEqual(
    results.map(({ code, stdout }) => [code, stdout]),
    results.map((_, index) => [index, 'x']),
  )
  const leave = spawn('ssh', ['-O', 'exit', ...sshArguments(fleet, 'pi-gps-01', { options })], {
    stdio: 'ignore',
  })
  const [code] = await once(leave, 'close')
  assert.equal(code, 0, 'there was a shared connection to end')
})

test('another key, another user and a wrong host key are refused', async () => {
  const other = await makeKeyPair(`${fleet.privateKeyFile}-other`)
  const refused = await ssh(fleet, 'pi-gps-01', 'true', { key: other.privateKeyFile })
  assert.match(refused.stderr, /Permission denied \(publickey\)/)
  const root = await ssh(fleet, 'pi-gps-01', 'true', { user: 'root' })
  assert.match(root.stderr, /Permission denied \(publickey\)/)
  const options = ['HostKeyAlias=someone-else']
  const stranger = await ssh(fleet, 'pi-gps-01', 'true', { options })
  assert.match(stranger.stderr, /Host key verification failed/)
})

test('a shell without a command is refused', async () => {
  const child = spawn('ssh', sshArguments(fleet, 'pi-gps-01'), { stdio: 'ignore' })
  const [code] = await once(child, 'close')
  assert.equal(code, 255)
})

test('a command goes on when its client is killed', async () => {
  const { root } = fleet.device('pi-gps-01')
  const command =
    'trap "" HUP PIPE; echo started; cat >/dev/null; echo over >"$TIMEBALL_ROOT/tmp/over"'
  const child = spawn('ssh', [...sshArguments(fleet, 'pi-gps-01'), command], { stdio: 'pipe' })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  const over = (): Promise<boolean> =>
    readFile(join(root, 'tmp/over'), 'utf8').then(
      (content) => content === 'over\n',
      () => false,
    )
  await until('the command has ended by itself', over)
})

test('connections can be reset, hang, and be cut on either stream', async () => {
  const device = fleet.device('pi-gps-01')
  device.faults.resetConnections = true
  const reset = await ssh(fleet, 'pi-gps-01', 'true')
  assert.match(reset.stderr, /reset/i)

  // ssh's ConnectTimeout ends with the server's banner, so the client has to be ended by us.
  Object.assign(device.faults, noFaults(), { hangAfterBanner: true })
  const options = { stdio: 'ignore', timeout: 500 } as const
  const hung = spawn('ssh', [...sshArguments(fleet, 'pi-gps-01'), 'true'], options)
  const [, signal] = await once(hung, 'close')
  assert.equal(signal, 'SIGTERM')

  Object.assign(device.faults, noFaults(), { cutAfterStdinBytes: 100_000 })
  const half = await ssh(fleet, 'pi-gps-01', 'cat', { input: randomBytes(1_000_000) })
  assert.equal(half.code, 255)

  Object.assign(device.faults, noFaults(), { cutAfterStdoutBytes: 100_000 })
  const cut = await ssh(fleet, 'pi-gps-01', 'head -c 1000000 /dev/zero')
  assert.equal(cut.code, 255)
  assert.ok(cut.stdout.length < 1_000_000)
})
