import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, type Ended } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded)

function stateFile(name: string, file: string): string {
  return join(embedded.device(name).root, 'var/lib/timeball', file)
}

async function currentOf(name: string): Promise<string> {
  return (await readFile(stateFile(name, 'current'), 'utf8')).trim()
}

async function isQuiet(name: string): Promise<boolean> {
  return (await controller.run(`plan ${name} --detailed-exitcode`)).exit === 0
}

/** Something that changes all devices of stratum 2, another each time. */
async function changeRelays(): Promise<void> {
  const text = await readFile(embedded.fleetYamlPath, 'utf8')
  const [line = 'discipline: false'] =
    /discipline: false(?:\nhealth: {max_offset_ms: \d+})?/.exec(text) ?? []
  const offset = Number(/\d+/.exec(line)?.[0] ?? 200) + 1
  await controller.edit('settings', line, `discipline: false\nhealth: {max_offset_ms: ${offset}}`)
}

function whyOf({ stdout }: Ended, name: string): string {
  return new RegExp(`^${name} .*$`, 'm').exec(stdout)?.[0] ?? stdout
}

test('a full disk fails its device alone, before anything on it is changed', async () => {
  embedded.device('pi-ntp-02').faults.diskFull = true
  const ended = await controller.run('apply --yes')
  embedded.device('pi-ntp-02').faults.diskFull = false
  assert.equal(ended.exit, 3, ended.stdout + ended.stderr)
  assert.match(whyOf(ended, 'pi-ntp-02'), /failed .*make room on the device/)
  assert.match(ended.stdout, /3 changed, 1 failed \(pi-ntp-02\)|1 failed \(pi-ntp-02\), 3 changed/)
  await assert.rejects(access(join(embedded.device('pi-ntp-02').root, 'opt/mcp-utc-time-server')))
})

test('@failed names it, and it alone is tried again', async () => {
  const ended = await controller.run('apply --limit @failed --yes')
  assert.equal(ended.exit, 0, ended.stdout)
  assert.match(ended.stdout, /^Apply: 1 changed\.$/m)
  assert.equal(await currentOf('pi-ntp-02'), '1')
})

test('a device that is away is named with the cause, and the others are done', async () => {
  await changeRelays()
  await embedded.device('pi-gps-02').powerOff()
  await controller.forgetConnections()
  const ended = await controller.run('apply --yes')
  assert.equal(ended.exit, 3)
  assert.match(ended.stdout, /^\? pi-gps-02: not planned \(unreachable\)/m)
  assert.match(whyOf(ended, 'pi-gps-02'), /failed .*check power, network/)
  assert.match(ended.stdout, /3 changed/)
})

test('a device that is away is in @failed also when nothing else is to do', async () => {
  const nothing = await controller.run('apply --yes')
  assert.equal(nothing.exit, 3)
  assert.match(nothing.stdout, /^No changes: 3 up to date; 1 unknown\.$/m)
  await embedded.device('pi-gps-02').powerOn()
  const ended = await controller.run('apply --limit @failed --yes')
  assert.equal(ended.exit, 0, ended.stdout)
  assert.match(ended.stdout, /^pi-gps-02 +changed/m)
  const again = await controller.run('apply --limit @failed --yes')
  assert.equal(again.exit, 64)
  assert.match(again.stderr, /@failed names no host/)
})

async function keyLine(name: string): Promise<string> {
  const { address, sshPort } = embedded.device(name)
  const lines = (await readFile(embedded.knownHostsFile, 'utf8')).split('\n')
  return lines.find((line) => line.startsWith(`[${address}]:${sshPort}`)) ?? ''
}

test('a host key that has changed is never talked to', async () => {
  const [mine, other] = [await keyLine('pi-ntp-01'), await keyLine('pi-ntp-02')]
  const wrong = `${mine.split(' ')[0]} ${other.split(' ').slice(1).join(' ')}`
  await controller.edit('known_hosts', mine, wrong)
  await controller.forgetConnections()
  const before = await readFile(stateFile('pi-ntp-01', 'lock'), 'utf8')
  for (const command of ['plan', 'apply --yes', 'apply --yes --accept-new-host-keys']) {
    const { exit, stdout } = await controller.run(command)
    assert.equal(exit, 3, stdout)
    assert.match(stdout, /^\? pi-ntp-01: not planned \(host-key-changed\)/m)
  }
  assert.equal(await readFile(stateFile('pi-ntp-01', 'lock'), 'utf8'), before)
  await controller.edit('known_hosts', wrong, mine)
})

test('a host key that is not known is pinned only when asked for', async () => {
  const mine = await keyLine('pi-ntp-01')
  await controller.edit('known_hosts', `${mine}\n`, '')
  await controller.forgetConnections()
  const { exit, stdout } = await controller.run('plan')
  assert.equal(exit, 3)
  assert.match(stdout, /^\? pi-ntp-01: not planned \(host-key-unknown\)/m)
  assert.equal((await controller.run('plan --accept-new-host-keys')).exit, 0)
  assert.equal((await controller.run('plan')).exit, 0)
})

const cuts = [
  {
    name: 'before the device has read all of the bundle',
    fault: 'cutAfterStdinBytes',
    bytes: 4_000,
  },
  { name: 'while the device reports', fault: 'cutAfterStdoutBytes', bytes: 300 },
] as const
for (const { name, fault, bytes } of cuts) {
  test(`a connection that is cut ${name} is made again, and the outcome is right`, async () => {
    await changeRelays()
    const { faults } = embedded.device('pi-ntp-01')
    let cut = 0
    const ended = await controller.run('apply pi-ntp-01 --yes', {
      onSay(line) {
        if (line === 'pi-ntp-01: applying') faults[fault] = bytes
      },
      onWait() {
        if (faults[fault] !== null) cut += 1
        faults[fault] = null
      },
    })
    faults[fault] = null
    assert.equal(cut, 1)
    assert.equal(ended.exit, 0, ended.stdout + ended.stderr)
    assert.match(whyOf(ended, 'pi-ntp-01'), /changed +2/)
    assert.ok(!existsSync(stateFile('pi-ntp-01', 'pending')))
    assert.ok(await isQuiet('pi-ntp-01'))
  })
}

test('a change that cannot be confirmed reverts by itself, and can be made again', async () => {
  const before = await currentOf('pi-ntp-01')
  await changeRelays()
  await controller.edit('settings', 'confirm_timeout: 60s', 'confirm_timeout: 5s')
  const { faults } = embedded.device('pi-ntp-01')
  const ended = await controller.run('apply pi-ntp-01 --yes', {
    // The change goes through the connection that is there; a confirmation needs a fresh one.
    onSay(line) {
      if (line === 'pi-ntp-01: applying') faults.resetConnections = true
    },
  })
  assert.equal(ended.exit, 3)
  assert.match(whyOf(ended, 'pi-ntp-01'), /lost /)
  await until('it has gone back', () => !existsSync(stateFile('pi-ntp-01', 'pending')))
  assert.equal(await currentOf('pi-ntp-01'), before)
  faults.resetConnections = false
  await controller.edit('settings', 'confirm_timeout: 5s', 'confirm_timeout: 60s')
  const plan = await controller.run('plan pi-ntp-01')
  assert.match(plan.stdout, /! generation \d+ was reverted: it was not confirmed in time/)
  const again = await controller.run('apply --limit @failed --yes')
  assert.equal(again.exit, 0, again.stdout)
  assert.equal((await controller.run('apply --yes')).exit, 0)
})

test('what a killed controller left unconfirmed is reverted before the next change', async () => {
  await changeRelays()
  const abort = new AbortController()
  const { faults } = embedded.device('pi-ntp-01')
  const killed = await controller.run('apply pi-ntp-01 --yes', {
    abort: abort.signal,
    onSay(line) {
      if (line === 'pi-ntp-01: applying') faults.resetConnections = true
      if (line === 'pi-ntp-01: confirming') abort.abort()
    },
  })
  faults.resetConnections = false
  assert.equal(killed.exit, 3)
  assert.ok(existsSync(stateFile('pi-ntp-01', 'pending')))
  const said: string[] = []
  const ended = await controller.run('apply pi-ntp-01 --yes', { onSay: (line) => said.push(line) })
  assert.equal(ended.exit, 0, ended.stdout + ended.stderr)
  assert.match(ended.stdout, /! generation \d+ was never confirmed and is reverted first/)
  assert.deepEqual(
    said.filter((line) => line.startsWith('pi-ntp-01: ')),
    ['reverting', 'applying', 'confirming', 'settling'].map((phase) => `pi-ntp-01: ${phase}`),
  )
  assert.ok(await isQuiet('pi-ntp-01'))
})

test('of two operators at once one is told that the other was there, and nothing is half done', async () => {
  await changeRelays()
  const both = await Promise.all([
    controller.run('apply pi-ntp-02 --yes'),
    controller.run('apply pi-ntp-02 --yes'),
  ])
  const exits = both.map(({ exit }) => exit)
  assert.ok(exits.includes(0), both.map(({ stdout }) => stdout).join('\n'))
  for (const { exit, stderr } of both) {
    if (exit === 0) continue
    assert.equal(exit, 6, stderr)
    assert.match(stderr, /the fleet is being changed by apply on /)
  }
  await until(
    'nothing waits for a confirmation',
    () => !existsSync(stateFile('pi-ntp-02', 'pending')),
  )
  assert.ok(await isQuiet('pi-ntp-02'))
})
