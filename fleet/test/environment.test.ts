/** Options of the environment, and `-C`, of the real program. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { recordSchema } from '../src/api/records/records.ts'
import { guideInventory } from './make-fleet.ts'
import { runTimeball, type Ended } from './run-program.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-environment-'))
after(() => rm(folder, { recursive: true, force: true }))
const north = join(folder, 'north')
await mkdir(north)
await writeFile(join(north, 'inventory.yml'), guideInventory)
await writeFile(join(north, 'fleet.yaml'), 'fleet: guide\n')

function timeball(words: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runTimeball(words, { cwd: folder, env: { API_KEY_1: 'a-good-key-000001', ...env } })
}

function devicesIn({ stdout }: Ended): readonly string[] {
  return stdout.split('\n').flatMap((line) => {
    const record = line === '' ? null : recordSchema.parse(JSON.parse(line))
    return record?.type === 'device_plan' ? [record.device] : []
  })
}

test('-C acts as if started in that folder, before the command and after it', async () => {
  const runs = [
    timeball('-C north plan --offline --json'),
    timeball('plan --offline --json -C north'),
    timeball('plan --offline --json', { TIMEBALL_DIRECTORY: 'north' }),
  ]
  for (const ended of await Promise.all(runs)) {
    assert.equal(ended.exit, 0, ended.stderr)
    assert.equal(devicesIn(ended).length, 4)
  }
})

test('variables are options that were not given, and a limit is said each time', async () => {
  const env = { TIMEBALL_DIRECTORY: 'north', TIMEBALL_LIMIT: 'stratum2', TIMEBALL_JSON: '1' }
  const limited = await timeball('plan --offline', env)
  assert.deepEqual(devicesIn(limited), ['pi-ntp-01', 'pi-ntp-02'])
  assert.match(limited.stderr, /^\(only stratum2: TIMEBALL_LIMIT is set\)$/m)
  const other = await timeball('plan --offline --limit pi-gps-01', env)
  assert.deepEqual(devicesIn(other), ['pi-gps-01'])
  assert.doesNotMatch(other.stderr, /TIMEBALL_LIMIT/)
})

test('-i wins over TIMEBALL_INVENTORY instead of joining it', async () => {
  const env = { TIMEBALL_DIRECTORY: 'north', TIMEBALL_INVENTORY: 'none.yml' }
  const { exit, stderr } = await timeball('inventory --graph -i inventory.yml', env)
  assert.equal(exit, 0, stderr)
  const refused = await timeball('inventory --graph', env)
  assert.match(refused.stderr, /^none\.yml: there is no such inventory$/m)
})

test('TIMEBALL_JSON leaves commands alone that have no records', async () => {
  const { exit, stdout } = await timeball('inventory --graph -C north', { TIMEBALL_JSON: '1' })
  assert.equal(exit, 0)
  assert.match(stdout, /^@all:$/m)
  assert.doesNotMatch(stdout, /"type":"result"/)
})

test('a folder that is not there, and a variable that means nothing, are bad usage', async () => {
  const missing = await timeball('plan --offline -C nroth')
  assert.deepEqual([missing.exit, missing.stdout], [64, ''])
  assert.match(missing.stderr, /^\(command line\): -C: nroth: there is no such folder$/m)
  const mistyped = await timeball('plan --offline -C north', { TIMEBALL_LIMITS: 'stratum1' })
  assert.deepEqual([mistyped.exit, mistyped.stdout], [64, ''])
  assert.match(mistyped.stderr, /^ {4}did you mean TIMEBALL_LIMIT\?$/m)
})

test('help environment names them all', async () => {
  const { exit, stdout } = await timeball('help environment')
  assert.equal(exit, 0)
  assert.match(stdout, /^TIMEBALL_ACCEPT_NEW_HOST_KEYS +1 or 0, as --accept-new-host-keys: /m)
})
