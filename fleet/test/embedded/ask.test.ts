/** The commands that ask devices, against an embedded fleet. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet({
  devices: [
    { name: 'pi-gps-01', group: 'stratum1', ntpServers: [] },
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: ['pi-gps-01'] },
    { name: 'pi-ntp-02', group: 'stratum2', ntpServers: ['pi-gps-01'] },
  ],
})
const factsLine = z.looseObject({
  type: z.literal('facts'),
  age_seconds: z.number(),
  ansible_hostname: z.string().nullable(),
  ansible_distribution: z.string().nullable(),
  disk_size_mb: z.number().nullable(),
  docker: z.string().nullable(),
})
const controller = await controllerOf(embedded)

test('run: what devices say alike is shown once, with their names', async () => {
  const { exit, stdout, stderr } = await controller.run('run stratum2 -- echo a  b')
  assert.equal(stdout, 'pi-ntp-[01-02] (2):\n  a  b')
  assert.equal(stderr, '')
  assert.equal(exit, 0)
})

test('run: exit codes are told, the failed are named at the end, and @failed names them again', async () => {
  await embedded.device('pi-ntp-01').powerOff()
  const { exit, stdout, stderr } = await controller.run('run --timeout 20 -- exit 4')
  assert.equal(stdout, 'pi-gps-01, pi-ntp-02 (2): exit 4')
  assert.match(stderr, /^timeball: 3 of 3 failed\n/)
  assert.match(stderr, /^ {4}pi-gps-01, pi-ntp-02 \(2\): exit 4$/m)
  assert.match(stderr, /^ {4}pi-ntp-01: .*refused.*--limit @failed\)$/m)
  assert.equal(exit, 3)
  await embedded.device('pi-ntp-01').powerOn()
  const again = await controller.run('run @failed -- true')
  assert.equal(again.stdout, 'pi-gps-01, pi-ntp-[01-02] (3):')
})

test('run: --json has each answer and ends with a result', async () => {
  const { stdout } = await controller.run('run pi-gps-01 --json -- printf x\\033[2Jy --json')
  const records = stdout.split('\n').map((line): unknown => JSON.parse(line))
  assert.deepEqual(records.slice(1), [
    {
      ...{ type: 'answer', device: 'pi-gps-01', exit: 0, output: 'xy' },
      ...{ in_time: true, left_out_bytes: 0, failure: null },
    },
    { type: 'result', status: 'ok', exit: 0, failed: [] },
  ])
})

test('run: a script is sent as it is', async () => {
  const script = join(dirname(embedded.inventoryPath), 'check.pl')
  await writeFile(script, '#!/usr/bin/perl\nprint "it is ", 6 * 7, "\\n";\n')
  const { stdout } = await controller.run(`run stratum1 --script ${script}`)
  assert.equal(stdout, 'pi-gps-01:\n  it is 42')
})

test('ping: who is well is one line; else the layer that fails, and what mends it', async () => {
  const well = await controller.run('ping')
  assert.equal(well.stdout, 'pi-gps-01, pi-ntp-[01-02] (3): ok')
  assert.equal(well.exit, 0)
  await embedded.device('pi-ntp-02').powerOff()
  const { exit, stdout } = await controller.run('ping stratum2')
  const [first = '', second = '', third = ''] = stdout.split('\n')
  assert.equal(first, 'pi-ntp-01: ok')
  assert.match(second, /^pi-ntp-02: fails at port: .*Connection refused$/)
  assert.match(third, /^ {4}is sshd at port \d+ /)
  assert.equal(exit, 3)
  await embedded.device('pi-ntp-02').powerOn()
  await controller.edit('inventory', 'ansible_user: ', 'ansible_user: not-')
  const stranger = await controller.run('ping pi-gps-01')
  await controller.edit('inventory', 'ansible_user: not-', 'ansible_user: ')
  assert.match(stranger.stdout, /^pi-gps-01: fails at login: .*\n {4}ssh-copy-id -p \d+ not-/)
})

test('facts: asked once an hour, or with --refresh; the age is said', async () => {
  const facts = async (more = ''): Promise<z.infer<typeof factsLine>> => {
    const { stdout } = await controller.run(`facts pi-gps-01 --json${more}`)
    return factsLine.parse(JSON.parse(stdout.split('\n')[1] ?? ''))
  }
  const first = await facts()
  assert.equal(first.ansible_hostname, 'pi-gps-01')
  assert.equal(first.ansible_distribution, 'debian')
  assert.ok((first.disk_size_mb ?? 0) > 0)
  assert.equal(first.docker, '26.1.5')
  await embedded.device('pi-gps-01').powerOff()
  const second = await facts()
  assert.deepEqual({ ...second, age_seconds: 0 }, { ...first, age_seconds: 0 })
  const { exit, stdout, stderr } = await controller.run('facts pi-gps-01 --refresh')
  assert.equal(exit, 3)
  assert.match(stdout, /^pi-gps-01 /m, 'what was known stays, with its age')
  assert.match(stderr, /pi-gps-01: .*refused/)
  await embedded.device('pi-gps-01').powerOn()
})

test('ps and logs: the containers, and what they logged in the order of time', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const { stdout } = await controller.run('ps stratum2')
  const rows = stdout.split('\n').slice(1)
  assert.deepEqual(
    rows.map((row) => row.split(/ +/).slice(0, 3)),
    ['pi-ntp-01', 'pi-ntp-02'].map((name) => [name, 'mcp-utc-time', 'running']),
  )
  // A server writes its first line when it has started, which nobody waited for here.
  await until('both have logged', async () => {
    const { stdout: said } = await controller.run('logs stratum2')
    return said.includes(' pi-ntp-01 ') && said.includes(' pi-ntp-02 ')
  })
  const logs = await controller.run('logs stratum2 --since 1h')
  assert.equal(logs.exit, 0, logs.stderr)
  const lines = logs.stdout.split('\n').map((line) => line.split(/ +/))
  assert.deepEqual(new Set(lines.map(([, name]) => name)), new Set(['pi-ntp-01', 'pi-ntp-02']))
  const times = lines.map(([time = '']) => time)
  assert.deepEqual(times, times.toSorted())
  assert.equal((await controller.run('logs --grep no-such-word')).stdout, '')
  assert.equal((await controller.run('logs --since yesterday')).exit, 64)
})
