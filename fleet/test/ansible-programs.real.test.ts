/** Inventories that only the installed Ansible can read, read through it by the real program. */
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { runProgram, timeballProgram, type Ended } from './run-program.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-ansible-'))
after(() => rm(folder, { recursive: true, force: true }))

const listing = {
  stratum1: { hosts: ['pi-gps-01'], vars: { gps_enabled: true, f: 1, t: '1.0', n: null } },
  stratum2: { hosts: ['pi-ntp-01'], vars: { ntp_servers: 'pi-gps-01', l: [1, { a: 'é' }] } },
  _meta: { hostvars: { 'pi-gps-01': { ansible_host: '192.0.2.1' }, 'pi-ntp-01': { x: 2.5 } } },
}

const files = {
  'hosts.yml': 'stratum1: {hosts: {pi-01: {gps_enabled: yes}}}\n',
  'hosts.sh': `#!/bin/sh\ncat <<'END'\n${JSON.stringify(listing)}\nEND\n`,
  'broken.sh': '#!/bin/sh\nexit 3\n',
  'words.sh': '#!/bin/sh\necho hello\n',
  'constructed.yml':
    'plugin: ansible.builtin.constructed\nstrict: true\ngroups: {gps: gps_enabled is defined}\n',
  'generator.yml':
    'plugin: ansible.builtin.generator\nhosts: {name: "pi-{{ n }}", parents: [{name: stratum2}]}\nlayers: {n: [a, b]}\n',
  'group_vars/all.yml': 'ansible_user: pi\nv: 1.0\n',
  'folder/1.yml': 'stratum1: {hosts: {pi-01: }}\n',
  'folder/2.sh': `#!/bin/sh\necho '{"stratum2": ["pi-02"]}'\n`,
  'folder/group_vars/stratum2.yml': 'ntp_servers: pi-01\n',
}

before(async () => {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
    if (path.endsWith('.sh')) await chmod(join(folder, path), 0o755)
  }
})

for (const sources of [
  ['hosts.sh'],
  ['hosts.yml', 'constructed.yml'],
  ['generator.yml'],
  ['folder'],
  ['hosts.yml', 'hosts.sh', 'generator.yml'],
]) {
  for (const form of ['--list', '--graph']) {
    test(`${form} of ${sources.join(' and ')} is what ansible-inventory says, to the byte`, async () => {
      const args = [...sources.flatMap((source) => ['-i', source]), form]
      const theirs = await run('ansible-inventory', [...args, '--playbook-dir', '.'])
      assert.equal(theirs.exit, 0, theirs.stderr)
      const ours = await run(process.execPath, [timeballProgram, 'inventory', ...args])
      assert.equal(ours.stdout, theirs.stdout, ours.stderr)
    })
  }
}

test('the plan says who read it', async () => {
  const planned = await run(process.execPath, [
    timeballProgram,
    'plan',
    '--offline',
    '-i',
    'hosts.sh',
  ])
  assert.match(
    planned.stdout + planned.stderr,
    /hosts\.sh: this is a script: ansible-inventory read/,
  )
  assert.equal(planned.exit, 0)
})

for (const source of ['broken.sh', 'words.sh']) {
  test(`the plan of ${source} is refused with what Ansible says`, async () => {
    const planned = await run(process.execPath, [
      timeballProgram,
      'plan',
      '--offline',
      '-i',
      source,
    ])
    assert.match(planned.stderr, new RegExp(`${source}: ansible-inventory: Failed to parse`))
    assert.equal(planned.exit, 64)
  })
}

function run(file: string, args: readonly string[]): Promise<Ended> {
  const env = {
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    ANSIBLE_NOCOLOR: '1',
    API_KEY_1: 'a-good-key-000001',
  }
  return runProgram(file, args, { cwd: folder, env })
}
