/** Fleets as owners have them on disk, read by the real program. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'

const program = join(import.meta.dirname, '../src/main/timeball.ts')
const folder = await mkdtemp(join(tmpdir(), 'tb-files-'))
after(() => rm(folder, { recursive: true, force: true }))

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly words: string
  readonly exit: number
  /** In the output and in what is said, together. */
  readonly said: RegExp
  readonly unsaid?: RegExp
}

const one = 'all: {hosts: {pi-01: {ansible_host: 192.0.2.1}}}\n'

const cases: readonly Case[] = [
  {
    name: 'variables beside the playbook win over those beside the inventory',
    files: {
      'inventories/prod/hosts.yml': one,
      'inventories/prod/group_vars/all.yml': 'http_port: 3001\nntp_port: 1123\n',
      'group_vars/all.yml': 'http_port: 3002\n',
      'host_vars/pi-01.yml': 'metrics_port: 9091\n',
    },
    words: 'plan --offline -i inventories/prod/hosts.yml',
    exit: 0,
    said: /HTTP_PORT=3002[\s\S]*METRICS_PORT=9091[\s\S]*NTP_PORT=1123/,
  },
  {
    name: 'fleet.yaml beside the playbook is read, too',
    files: { 'inventories/hosts.yml': one, 'fleet.yaml': 'fleet: prod\n' },
    words: 'plan --offline -i inventories/hosts.yml',
    exit: 0,
    said: /^Fleet prod: 1 device/m,
  },
  {
    name: 'several sources are merged',
    files: { 'a.yml': one, 'b.ini': '[stratum1]\npi-02 ansible_host=192.0.2.2 gps_enabled=yes\n' },
    words: 'plan --offline -i a.yml -i b.ini',
    exit: 0,
    said: /^Fleet: 2 devices/m,
  },
  {
    name: 'a folder of sources is read, and what Ansible leaves out of it is said',
    files: {
      'inventory/1-hosts.yml': one,
      'inventory/2-hosts': 'pi-02 ansible_host=192.0.2.2\n',
      'inventory/old.ini': 'pi-03\n',
      'inventory/group_vars/all.yml': 'http_port: 3005\n',
    },
    words: 'plan --offline -i inventory',
    exit: 0,
    said: /^Fleet: 2 devices[\s\S]*HTTP_PORT=3005[\s\S]*warning: inventory\/old\.ini: Ansible reads no \.ini file/m,
  },
  {
    name: 'names on the command line are an inventory',
    files: {},
    words: 'inventory --graph -i pi-01,pi-02',
    exit: 0,
    said: /--@ungrouped:\n {2}\| {2}\|--pi-01\n {2}\| {2}\|--pi-02/,
  },
  {
    name: 'an INI inventory is found without being named',
    files: { 'hosts.ini': '[stratum1]\npi-01 ansible_host=192.0.2.1 gps_enabled=yes # GPS\n' },
    words: 'plan --offline',
    exit: 0,
    said: /ENABLE_GPS=yes/,
  },
  {
    name: 'an extensionless one as well, and its mistakes have a place',
    files: { hosts: '[stratum1]\npi-01 ansible_host=192.0.2.1 gps\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^hosts:2:30: "gps" is not a variable of pi-01$/m,
  },
  {
    name: 'an inventory without hosts is no success',
    files: { 'inventory.yml': 'all:\n  children: {web: }\n' },
    words: 'inventory --list',
    exit: 64,
    said: /^inventory\.yml: there is no host in it$/m,
  },
  {
    name: 'an empty one neither',
    files: { 'inventory.yml': '# nothing\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^inventory\.yml: there is no host in it$/m,
  },
  {
    name: 'fleet.yml is said to be unread',
    files: { 'inventory.yml': one, 'fleet.yml': 'image: ghcr.io/x/y:9\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^fleet\.yml: a file of this name is not read\n {4}Rename it to fleet\.yaml/m,
  },
  {
    name: 'files of variables that belong to nobody are said, with the nearest name',
    files: {
      'inventory.yml': one,
      'host_vars/pi-1.yml': 'gps_enabled: yes\n',
      'group_vars/strutum1.yml': 'a: 1\n',
      'groups_vars/all.yml': 'a: 1\n',
    },
    words: 'plan --offline',
    exit: 0,
    said: /host_vars\/pi-1\.yml: there is no host "pi-1", so this is not read \(Did you mean pi-01\?\)/,
  },
  {
    name: 'hosts whose names are no words are read, and refused only as devices',
    files: { 'inventory.yml': 'all: {hosts: {příbor: {ansible_host: 192.0.2.1}}}\n' },
    words: 'plan --offline',
    exit: 0,
    said: /ENVIRONMENT=příbor/,
  },
  {
    name: 'a device whose name is an option is refused at its place',
    files: { 'inventory.yml': 'all: {hosts: {-oProxyCommand=x: {ansible_host: 192.0.2.1}}}\n' },
    words: 'plan --offline',
    exit: 64,
    said: /^inventory\.yml:1:15: the name of the device "-oProxyCommand=x" starts with a dash/m,
  },
]

for (const [index, { name, files, words, exit, said, unsaid }] of cases.entries()) {
  test(name, async () => {
    const cwd = join(folder, String(index))
    await mkdir(cwd)
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, path)), { recursive: true })
      await writeFile(join(cwd, path), content)
    }
    const ended = await timeball(words, cwd)
    assert.match(ended.output, said)
    if (unsaid !== undefined) assert.doesNotMatch(ended.output, unsaid)
    assert.equal(ended.exit, exit, ended.output)
  })
}

async function timeball(words: string, cwd: string): Promise<{ exit: unknown; output: string }> {
  const env = { PATH: process.env['PATH'], API_KEY_1: 'a-good-key-000001' }
  const argv = [program, ...words.split(' ')]
  const child = spawn(process.execPath, argv, { cwd, env, stdio: 'pipe' })
  child.stdin.end()
  const [stdout, stderr, [exit]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { exit, output: stdout + stderr }
}
