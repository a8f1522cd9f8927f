/** `timeball init`: what it writes works as it is. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { guideInventory } from './make-fleet.ts'
import { runTimeball, type Ended } from './run-program.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-init-'))
after(() => rm(folder, { recursive: true, force: true }))

function timeball(words: string, cwd = folder): Promise<Ended> {
  return runTimeball(words, { cwd, env: { API_KEY_1: 'a-good-key-000001' } })
}

test('a new fleet: its files are said, it can be planned at once, and the next commands are told', async () => {
  const { exit, stdout, stderr } = await timeball('init My_Fleet')
  assert.equal(exit, 0, stderr)
  const lines = stdout.trimEnd().split('\n')
  assert.deepEqual(lines.slice(0, 6), [
    '+ inventory.yml',
    '+ fleet.yaml',
    '+ .gitignore',
    '+ .github/workflows/plan.yml',
    'Fleet my-fleet: 4 devices (2 stratum1, 2 stratum2).',
    'Next:',
  ])
  assert.deepEqual(lines.slice(-3), [
    '  timeball ping',
    '  timeball image build',
    '  timeball plan',
  ])
  const planned = await timeball('plan --offline', join(folder, 'My_Fleet'))
  assert.equal(planned.exit, 0)
  assert.match(planned.stdout, /^Fleet my-fleet: 4 devices/)
})

test('what is there is left alone', async () => {
  await writeFile(join(folder, 'My_Fleet/fleet.yaml'), 'fleet: mine\n')
  const { exit, stdout } = await timeball('init My_Fleet')
  assert.equal(exit, 0)
  assert.match(stdout, /^· fleet\.yaml is there, and was left alone$/m)
  assert.equal(await readFile(join(folder, 'My_Fleet/fleet.yaml'), 'utf8'), 'fleet: mine\n')
})

test('beside an Ansible repository: its inventory is read where it is', async () => {
  const site = join(folder, 'site')
  await mkdir(join(site, 'ansible'), { recursive: true })
  await writeFile(join(site, 'ansible/inventory.yml'), guideInventory)
  const { exit, stdout, stderr } = await timeball('init --from-ansible ansible', site)
  assert.equal(exit, 0, stderr)
  assert.doesNotMatch(stdout, /inventory\.yml$/m)
  assert.match(stdout, /^Fleet site: 4 devices/m)
  assert.equal((await timeball('plan --offline', site)).exit, 0)
})

test('an inventory that has mistakes is told with their places; one that is not there is refused', async () => {
  await writeFile(join(folder, 'broken.yml'), 'all:\n  hosts:\n    pi-1: { pps_gpio: many }\n')
  const broken = await timeball('init broken --from-ansible broken.yml')
  assert.equal(broken.exit, 64)
  assert.match(broken.stderr, /^broken\.yml:3:/m)
  assert.equal((await timeball('init x --from-ansible none')).exit, 64)
})
