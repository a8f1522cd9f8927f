/** The project of `timeball export ansible`, before the Ansible of today and ansible-lint. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { desiredState } from '../src/core/desired/desired-state.ts'
import { revealContent } from '../src/core/desired/resource.ts'
import { Secret } from '../src/core/secrets/secret.ts'
import { installAnsible } from './install-ansible.ts'
import { fleetOf } from './make-fleet.ts'
import { runProgram, timeballProgram, type Ended } from './run-program.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-export-'))
after(() => rm(folder, { recursive: true, force: true }))

const image = `registry.example/mcp-utc-time-server@sha256:${'ab'.repeat(32)}`
const settings = `image: ${image}\npackages: { gpsd: 3.25-5, git: '1:2.47.3-0' }\nclock: { discipline: false }\n`
const inventory = `all:
  vars: { ansible_user: pi }
  children:
    stratum1:
      hosts:
        pi-gps-01: { ansible_host: 192.0.2.1, gps_enabled: yes, pps_enabled: yes, pps_gpio: 18 }
        pi-gps-02: { ansible_host: 192.0.2.2, gps_enabled: yes, gps_latency: 0.135, ansible_port: 2222 }
    stratum2:
      children:
        north:
          hosts:
            pi-ntp-01:
              ansible_host: "2001:db8::1"
              ntp_servers: pi-gps-01,pi-gps-02,time.example.org
              ansible_ssh_common_args: -o ProxyJump="ops@jump"
            "on": { ansible_host: 192.0.2.4, stratum: 12, http_port: 8080, metrics_port: 9091, ntp_port: 1123 }
`
const keys = { API_KEY_1: 'key-of-all-0001', API_KEY_1_PI_GPS_02: 'its-own-0001', API_KEY_2: '' }
let ansible = ''

before(async () => {
  await writeFile(join(folder, 'inventory.yml'), inventory)
  await writeFile(join(folder, 'fleet.yaml'), settings)
  ansible = await installAnsible()
})

function timeball(...words: readonly string[]): Promise<Ended> {
  return runProgram(process.execPath, [timeballProgram, ...words], { cwd: folder, env: keys })
}

function inProject(program: string, ...args: readonly string[]): Promise<Ended> {
  const env = {
    ...keys,
    PATH: `${ansible}/bin:${process.env['PATH']}`,
    HOME: folder,
    ANSIBLE_COLLECTIONS_PATH: `${ansible}/collections`,
    ANSIBLE_NOCOLOR: '1',
    NO_COLOR: '1',
    LC_ALL: 'C.UTF-8',
  }
  return runProgram(join(ansible, 'bin', program), args, { cwd: join(folder, 'out'), env })
}

test('it is written, and written again without a change', async () => {
  const first = await timeball('export', 'ansible', 'out')
  assert.equal(first.exit, 0, first.stderr)
  assert.match(first.stdout, /^created {3}deploy\.yml$/m)
  assert.equal((await timeball('export', 'ansible', 'out', '--check')).exit, 0)
  await writeFile(join(folder, 'fleet.yaml'), settings.replace('3.25-5', '3.26-1'))
  const differs = await timeball('export', 'ansible', 'out', '--check')
  await writeFile(join(folder, 'fleet.yaml'), settings)
  assert.equal(differs.exit, 2)
  assert.match(differs.stdout, /^changed {3}inventory\/group_vars\/all\/time_server\.yml$/m)
})

test('no key is in it', async () => {
  const { stdout } = await runProgram('grep', ['-rE', 'key-of-all|its-own', 'out'], {
    cwd: folder,
    env: {},
  })
  assert.equal(stdout, '')
})

test('ansible-lint passes it at its production profile', async () => {
  const { exit, stdout, stderr } = await inProject('ansible-lint', '--offline', '--strict')
  assert.equal(exit, 0, stdout + stderr)
  assert.match(stderr, /Profile 'production' was required, and it passed/)
})

const templates = [
  ['time_server', 'docker-compose.rpi.yml'],
  ['time_server', 'env'],
  ['gps_receiver', 'gpsd'],
] as const

test('its templates make the files of Timeball, byte by byte', async () => {
  const texts = templates
    .map(
      ([role, name]) => `lookup('ansible.builtin.template', 'roles/${role}/templates/${name}.j2')`,
    )
    .join(', ')
  const task = `{ansible.builtin.debug: {msg: "{{ [${texts}] | to_json | b64encode }}"}}`
  await writeFile(
    join(folder, 'out/render.yml'),
    `- {hosts: all, gather_facts: false, tasks: [${task}]}\n`,
  )
  const { exit, stdout, stderr } = await inProject('ansible-playbook', 'render.yml')
  assert.equal(exit, 0, stdout + stderr)
  const rendered = new Map(
    [...stdout.matchAll(/^ok: \[(.*?)\] => \{\n +"msg": "(.*)"/gm)].map(
      ([, name = '', text = '']) => [name, JSON.parse(Buffer.from(text, 'base64').toString())],
    ),
  )
  const fleet = fleetOf(inventory, settings)
  for (const device of fleet.devices) {
    const value = device.name === 'pi-gps-02' ? keys.API_KEY_1_PI_GPS_02 : keys.API_KEY_1
    const secrets = [new Secret('API_KEY_1', value)]
    const state = desiredState({ device, settings: fleet.settings, release: { image }, secrets })
    const files = state.resources.flatMap((each) =>
      each.kind === 'file' ? [[each.path, revealContent(each.content)] as const] : [],
    )
    const [compose, environment, gpsd] = rendered.get(device.name) ?? []
    const made = new Map([
      ['/opt/mcp-utc-time-server/docker-compose.rpi.yml', compose],
      ['/opt/mcp-utc-time-server/.env', environment],
      ['/etc/default/gpsd', gpsd],
    ])
    for (const [path, text] of files) assert.equal(made.get(path), text, `${device.name} ${path}`)
  }
  assert.equal(rendered.size, 4)
})

function plans({ stdout: records }: Ended): string[] {
  return records.split('\n').filter((line) => line.startsWith('{"type":"device_plan"'))
}

test('its inventory has the groups of the fleet, and Timeball reads it', async () => {
  const { stdout } = await inProject('ansible-inventory', '--graph')
  const graph = stdout.split('\n').filter((line) => /north|pi-ntp-01|@stratum/.test(line))
  assert.deepEqual(
    graph.map((line) => line.replaceAll(/[ |]/g, '')),
    ['--@stratum1:', '--@stratum2:', '--@north:', '--pi-ntp-01'],
  )
  const [ours, theirs] = await Promise.all([
    timeball('plan', '--offline', '--json'),
    timeball('plan', '--offline', '--json', '-i', 'out/inventory/hosts.yml', '-f', 'fleet.yaml'),
  ])
  assert.equal(theirs.exit, 0, theirs.stderr)
  assert.equal(plans(ours).length, 4)
  assert.deepEqual(plans(theirs), plans(ours))
})

test('keys of a store are written behind Ansible Vault, and only with a password', async () => {
  const store = 'secrets: { store: ansible-vault, file: keys.vault.yml }\n'
  await writeFile(join(folder, 'fleet.yaml'), settings + store)
  await writeFile(join(folder, 'password'), 'of the vault\n')
  const password = ['--vault-password-file', 'password']
  const set = await timeball('secrets', 'set', 'API_KEY_1', '--generate', ...password)
  assert.equal(set.exit, 0, set.stderr)
  const refused = await timeball('export', 'ansible', 'other')
  assert.equal(refused.exit, 64)
  assert.match(refused.stderr, /--vault-password-file/)
  const { exit, stderr } = await timeball('export', 'ansible', 'out', ...password)
  assert.equal(exit, 0, stderr)
  const { stdout: key } = await timeball('secrets', 'get', 'API_KEY_1', '--reveal', ...password)
  const shown = await inProject(
    ...['ansible', 'all', '--vault-password-file', '../password', '-m', 'debug'],
    ...['-a', 'msg={{ time_server_api_key_1 }}'],
  )
  assert.equal(shown.stdout.split(key.trim()).length - 1, 4, shown.stdout)
})

test('what somebody changed there is theirs', async () => {
  const path = join(folder, 'out/deploy.yml')
  await writeFile(path, `${await readFile(path, 'utf8')}# mine\n`)
  const { exit, stdout } = await timeball(
    'export',
    'ansible',
    'out',
    '--vault-password-file',
    'password',
  )
  assert.equal(exit, 6)
  assert.match(stdout, /^foreign {3}deploy\.yml$/m)
})

test('an image that is in no registry is refused, with how to bring it there', async () => {
  await writeFile(join(folder, 'fleet.yaml'), `image: localhost/time@sha256:${'ab'.repeat(32)}\n`)
  const { exit, stderr } = await timeball('export', 'ansible', 'other')
  assert.equal(exit, 64)
  assert.match(stderr, /timeball image push/)
})
