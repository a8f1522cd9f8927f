/** The controller is lost in the middle of a paused rollout, restored, and goes on with it. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, hurriedRollouts, type Ended, type Hooks } from './controller.ts'

const identity = await generateX25519Identity()
const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  `${hurriedRollouts()}backup: { recipients: [${await identityToRecipient(identity)}] }\n`,
)
const run = (words: string, hooks: Hooks = {}): Promise<Ended> =>
  controller.run(words, {
    ...hooks,
    environment: { TIMEBALL_AGE_IDENTITY: identity, ...hooks.environment },
  })
const folder = dirname(embedded.fleetYamlPath)
const state = join(folder, '.timeball')

const epochOf = async (name: string): Promise<number> =>
  Number.parseInt(
    await readFile(join(embedded.device(name).root, 'var/lib/timeball/epoch'), 'utf8'),
    10,
  )

test('a rollout is paused, and backed up so', async () => {
  assert.equal((await run('apply --yes')).exit, 0)
  await controller.edit('settings', 'max_offset_ms: 100', 'max_offset_ms: 90')
  const stop = new AbortController()
  const onSay = (line: string): void => {
    if (line.includes('pi-ntp-01: healthy')) stop.abort()
  }
  const paused = await run('rollout start --yes', { stop: stop.signal, onSay })
  assert.equal(paused.exit, 130, paused.stdout + paused.stderr)
  assert.equal((await run('backup run')).exit, 0)
  assert.match((await run('rollout status')).stdout, /paused/)
})

test('devices see operations that no backup has', async () => {
  const before = await epochOf('pi-ntp-02')
  for (let count = 0; count < 3; count += 1) await run('reseat pi-ntp-02 --yes')
  assert.ok((await epochOf('pi-ntp-02')) > before)
})

test('the state is lost and restored; what would be written is shown first', async () => {
  await rm(state, { recursive: true })
  const shown = await run('backup restore controller --dry-run')
  assert.equal(shown.exit, 0, shown.stderr)
  assert.match(shown.stderr, /\+ \.timeball\/state\.db/)
  assert.ok(!existsSync(join(state, 'state.db')))
  const done = await run('backup restore controller --yes')
  assert.equal(done.exit, 0, done.stderr)
  assert.match((await run('rollout status')).stdout, /paused/)
})

test('the paused rollout goes on to its end, also on devices that have seen more', async () => {
  const { exit, stdout, stderr } = await run('rollout resume')
  assert.equal(exit, 0, stdout + stderr)
  assert.match((await run('plan')).stdout, /no changes|nothing to change/i)
})

test('what a restore replaces is kept beside it', async () => {
  await writeFile(join(state, 'last-run.json'), '{}')
  const { exit, stderr } = await run('backup restore controller --yes --state-only')
  assert.equal(exit, 0, stderr)
  assert.match(stderr, /~ \.timeball\/last-run\.json/)
  assert.equal(await readFile(join(state, 'last-run.json.before-restore'), 'utf8'), '{}')
})

const elsewhere = await mkdtemp(join(tmpdir(), 'tb-new-'))
after(() => rm(elsewhere, { recursive: true, force: true }))

test('a machine without any file of the fleet becomes its controller', async () => {
  await cp(join(folder, 'backups'), join(elsewhere, 'repository'), { recursive: true })
  const home = join(elsewhere, 'fleet')
  await mkdir(home)
  const { exit, stderr } = await run(
    `backup restore controller --yes --from ${join(elsewhere, 'repository')} -f ${home}/fleet.yaml`,
  )
  assert.equal(exit, 0, stderr)
  const names = await readdir(home)
  for (const name of ['fleet.yaml', 'inventory.yml', '.timeball']) {
    assert.ok(names.includes(name), names.join())
  }
})
