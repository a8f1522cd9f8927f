/**
 * The project of `timeball export ansible`, run by the Ansible of today on virtual Pis: it leaves
 * nothing to do for Timeball, and Timeball nothing for it. The tests build on each other.
 */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { namespaceName } from '@timeball/lab/pis/network.ts'
import { must, run } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { installAnsible } from '../install-ansible.ts'
import { copyOfGuide, type Ended, freshLab, timeball } from './command-line.ts'

const paths = labPaths(process.env)
let folder = ''
let ansible = ''

function fleet(...args: readonly string[]): readonly string[] {
  return [...args, '-i', join(folder, 'inventory.yml')]
}

function on(name: string, command: string): Promise<string> {
  const device = guideDevices.find((each) => each.name === name)
  assert.ok(device)
  return must(sshArgs(paths, device, command))
}

function succeeded(ended: Ended): string {
  assert.equal(ended.exit, 0, `${ended.stdout}\n${ended.stderr}`)
  return ended.stdout
}

before(
  async () => {
    ansible = await installAnsible()
    await freshLab()
    folder = copyOfGuide()
  },
  { timeout: 900_000 },
)
after(async () => {
  await labDown({ onProgress: () => {}, purge: 'no' })
  if (folder !== '') rmSync(folder, { recursive: true })
})

/** The recap: of each host what was done. */
async function deploy(): Promise<ReadonlyMap<string, string>> {
  const environment = [
    `ANSIBLE_COLLECTIONS_PATH=${join(ansible, 'collections')}`,
    `ANSIBLE_SSH_COMMON_ARGS=-o UserKnownHostsFile=${join(paths.guideState, 'known_hosts')}`,
    'API_KEY_1=key-of-the-lab-tests',
  ]
  const program = join(ansible, 'bin/ansible-playbook')
  // A virtual Pi has no lists of packages at first, in a folder that is new.
  const variables = 'deploy_serial=4 time_server_health_delay=1 time_server_apt_cache_seconds=0'
  const words = [
    'env',
    '-C',
    join(folder, 'ansible'),
    ...environment,
    program,
    'deploy.yml',
    '-e',
    variables,
  ]
  const { code, stdout, stderr } = await run(['ip', 'netns', 'exec', namespaceName, ...words])
  assert.equal(code, 0, `${stdout}\n${stderr}`)
  return new Map(
    [...stdout.matchAll(/^(pi-\S+) +: (.*)/gm)].map(([, name = '', recap = '']) => [name, recap]),
  )
}

test('a playbook brings the guide’s fleet up from nothing', async () => {
  succeeded(await timeball(fleet('export', 'ansible', join(folder, 'ansible'))))
  const recap = await deploy()
  assert.deepEqual([...recap.keys()], ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01', 'pi-ntp-02'])
  for (const [name, what] of recap) assert.match(what, /failed=0 /, name)
})

test('there is nothing to do for Timeball then', async () => {
  const stdout = succeeded(await timeball(fleet('plan', '--full', '--detailed-exitcode')))
  assert.match(stdout, /No changes: 4 up to date\./)
})

test('a change by Timeball on Ansible, with what Ansible is told; then the playbook has nothing to do', async () => {
  const settings = join(folder, 'fleet.yaml')
  writeFileSync(settings, `${readFileSync(settings, 'utf8')}engine: ansible\n`)
  const path = join(folder, 'inventory.yml')
  const text = readFileSync(path, 'utf8')
  const at = text.lastIndexOf('"pi-gps-01,pi-gps-02"')
  const other = `${text.slice(0, at)}"pi-gps-02,pi-gps-01"\n`
  const rest = text.slice(at).split('\n').slice(1).join('\n')
  writeFileSync(path, (other + rest).replace('pps_gpio: 4', 'pps_gpio: 18'))
  const environment = {
    PATH: `${ansible}/bin:${process.env['PATH']}`,
    ANSIBLE_SSH_COMMON_ARGS: `-o UserKnownHostsFile=${join(paths.guideState, 'known_hosts')}`,
    ANSIBLE_PRIVATE_KEY_FILE: join(paths.guideState, 'id_ed25519'),
  }
  const applied = await timeball(fleet('apply', '--yes'), { environment })
  assert.match(succeeded(applied), /2 changed/)
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('engine: ansible', ''))
  succeeded(await timeball(fleet('export', 'ansible', join(folder, 'ansible'))))
  for (const [name, what] of await deploy()) assert.match(what, /changed=0 .*failed=0 /, name)
})

const project = '/opt/mcp-utc-time-server'
const file = 'docker-compose.rpi.yml'

test('a container counts by the file that it is of, and not by who started it', async () => {
  const again = `sudo docker compose --project-directory ${project} -f ${project}/${file} up -d --force-recreate`
  await on('pi-ntp-01', again)
  const other = `sed s/pids_limit:.*/pids_limit:\\ 99/ ${project}/${file} | sudo docker compose --project-directory ${project} -f - up -d`
  await on('pi-ntp-02', other)
  const ended = await timeball(fleet('plan', 'stratum2', '--detailed-exitcode'))
  assert.equal(ended.exit, 2, ended.stderr)
  assert.match(ended.stdout, /1 to change, 0 to remove on 1 device; 1 unchanged/)
  assert.match(ended.stdout, /container mcp-utc-time is not the one Timeball started/)
})
