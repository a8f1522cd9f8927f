import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { canary, controllerOf, type Ended } from './controller.ts'
import { timeballProgram } from '../run-program.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded)
const sockets = join(dirname(embedded.fleetYamlPath), 'own')
await mkdir(sockets, { recursive: true })

/** The real program in a process group of its own, as a shell starts it. */
async function timeball(
  words: string,
  onSay: (line: string, child: ChildProcess) => void = () => {},
): Promise<Ended & { readonly signal: unknown }> {
  const [command = '', ...rest] = words.split(' ')
  const child = spawn(
    process.execPath,
    [timeballProgram, command, '-i', embedded.inventoryPath, ...rest],
    {
      env: { PATH: process.env['PATH'], API_KEY_1: canary, XDG_RUNTIME_DIR: sockets },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  )
  const stderr: string[] = []
  createInterface(child.stderr).on('line', (line) => {
    stderr.push(line)
    onSay(line, child)
  })
  const [stdout, [exit, signal]] = await Promise.all([text(child.stdout), once(child, 'close')])
  for (const output of [stdout, stderr.join('\n')]) assert.ok(!output.includes(canary))
  return { exit: typeof exit === 'number' ? exit : -1, signal, stdout, stderr: stderr.join('\n') }
}

/** Ctrl-C reaches the whole foreground group. */
function interrupt({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal)
}

function isPending(name: string): boolean {
  return existsSync(join(embedded.device(name).root, 'var/lib/timeball/pending'))
}

/** Arguments of all processes of this machine that can be read. */
async function allArguments(): Promise<string> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''))
  return (await Promise.all(lines)).join('\n')
}

test('the program applies a fleet, and no process has a key among its arguments', async () => {
  const over = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    while (!over.signal.aborted) {
      seen.push(await allArguments())
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })()
  const { exit, stdout } = await timeball('apply --yes --diff')
  over.abort()
  await watching
  assert.equal(exit, 0, stdout)
  assert.ok(seen.some((all) => all.includes('TIMEBALL') || all.includes('ssh')))
  assert.ok(!seen.some((all) => all.includes(canary)))
})

test('Ctrl-C finishes the device that is being changed and leaves the others alone', async () => {
  await controller.edit('settings', 'discipline: false', 'discipline: true')
  const { exit, stdout, stderr } = await timeball('apply --yes', (line, child) => {
    if (line === 'pi-ntp-01: applying') interrupt(child, 'SIGINT')
  })
  assert.equal(exit, 130, stdout + stderr)
  assert.match(stderr, /timeball: SIGINT: finishing what runs; press Ctrl-C again to abort/)
  assert.match(stdout, /^pi-ntp-01 +changed/m)
  assert.match(stdout, /^pi-gps-\[01-02\], pi-ntp-02 \(3\) +not-reached/m)
  for (const { name } of embedded.devices) assert.equal(isPending(name), false, name)
})

test('two signals cut off what runs, and the next apply makes it whole', async () => {
  const { exit, stdout, stderr } = await timeball('apply --yes', (line, child) => {
    if (line === 'pi-ntp-02: applying' || line.startsWith('timeball: SIGTERM: ')) {
      interrupt(child, 'SIGTERM')
    }
  })
  assert.equal(exit, 143, stdout + stderr)
  assert.match(stdout, /^pi-ntp-02 +(?:lost|failed) /m)
  assert.match(stdout, /^pi-gps-\[01-02\] \(2\) +not-reached/m)
  const ended = await controller.run('apply --yes')
  assert.equal(ended.exit, 0, ended.stdout + ended.stderr)
  assert.equal((await controller.run('plan --detailed-exitcode')).exit, 0)
})

test('what a killed program left behind is reverted before the next change', async () => {
  await controller.edit('settings', 'discipline: true', 'discipline: false')
  const { faults } = embedded.device('pi-ntp-01')
  const { signal } = await timeball('apply pi-ntp-01 --yes', (line, child) => {
    // From here on no new connection is taken, which the confirmation would need.
    if (line === 'pi-ntp-01: applying') faults.resetConnections = true
    if (line === 'pi-ntp-01: confirming') interrupt(child, 'SIGKILL')
  })
  faults.resetConnections = false
  assert.equal(signal, 'SIGKILL')
  assert.equal(isPending('pi-ntp-01'), true)
  const ended = await controller.run('apply --yes')
  assert.equal(ended.exit, 0, ended.stdout + ended.stderr)
  assert.match(ended.stderr, /^pi-ntp-01: reverting$/m)
  assert.equal((await controller.run('plan --detailed-exitcode')).exit, 0)
})

test('a reader that goes away does not stop a change in the middle', async () => {
  await controller.edit('settings', 'discipline: false', 'discipline: true')
  const child = spawn(
    process.execPath,
    [timeballProgram, 'apply', 'pi-ntp-01', '--yes', '-i', embedded.inventoryPath],
    {
      env: { PATH: process.env['PATH'], API_KEY_1: canary, XDG_RUNTIME_DIR: sockets },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  child.stdout.destroy()
  await once(child, 'close')
  assert.equal(isPending('pi-ntp-01'), false)
})

test('a terminal that goes away is like Ctrl-C, and messages that nobody reads stop nothing', async () => {
  // The test before has left all devices but one to be changed.
  const hungUp = await timeball('apply --yes', (line, child) => {
    if (line === 'pi-ntp-02: applying') interrupt(child, 'SIGHUP')
  })
  assert.equal(hungUp.exit, 129, hungUp.stdout + hungUp.stderr)
  for (const { name } of embedded.devices) assert.equal(isPending(name), false, name)
  const child = spawn(
    process.execPath,
    [timeballProgram, 'apply', '--yes', '-i', embedded.inventoryPath],
    {
      env: { PATH: process.env['PATH'], API_KEY_1: canary, XDG_RUNTIME_DIR: sockets },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  child.stderr.destroy()
  assert.deepEqual(await once(child, 'close'), [0, null])
  assert.equal((await controller.run('plan --detailed-exitcode')).exit, 0)
})
