/** A fleet whose keys the real ansible-vault has encrypted, and the reverse. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runTimeball } from '../../../../test/run-program.ts'
import { parseSealedFile, vaultSealing } from '../../../core/secrets/sealed-file.ts'

const cwd = mkdtempSync(join(tmpdir(), 'timeball-ansible-'))
after(() => rmSync(cwd, { recursive: true, force: true }))

const inline = 'inline-key-0123456789'
const whole = 'whole-file-key-0123456'

function vault(args: readonly string[], input = ''): string {
  return execFileSync('ansible-vault', [...args], { cwd, input, encoding: 'utf8', stdio: 'pipe' })
}

before(() => {
  for (const name of ['host_vars', 'group_vars']) mkdirSync(join(cwd, name))
  writeFileSync(join(cwd, 'password'), 'correct horse\n')
  writeFileSync(join(cwd, 'fleet.yaml'), 'secrets: ansible-vault\nimage: ghcr.io/x/y:1\n')
  const hosts = '{pi-1: {ansible_host: 192.0.2.1}, pi-2: {ansible_host: 192.0.2.2}}'
  writeFileSync(join(cwd, 'inventory.yml'), `all: {children: {stratum2: {hosts: ${hosts}}}}\n`)
  const id = ['--vault-id', 'prod@password', '--encrypt-vault-id', 'prod']
  const value = vault(['encrypt_string', ...id, '--name', 'api_key_1', inline])
  writeFileSync(join(cwd, 'host_vars/pi-1.yml'), value)
  const path = join(cwd, 'group_vars/stratum2.yml')
  writeFileSync(path, `api_key_1: ${whole}\n`)
  vault(['encrypt', '--vault-password-file', 'password', path])
})

async function timeball(words: string) {
  const env = { HOME: cwd, ANSIBLE_VAULT_PASSWORD_FILE: 'password' }
  const { exit, stdout, stderr } = await runTimeball(words, { cwd, env })
  return { exit, all: `${stdout}${stderr}` }
}

test('an inventory with a value and a whole file in the vault works as it is', async () => {
  assert.equal((await timeball('secrets get pi-1/API_KEY_1 --reveal')).all, `${inline}\n`)
  assert.equal((await timeball('secrets get pi-2/API_KEY_1 --reveal')).all, `${whole}\n`)
})

test('no key is in the inventory, the plan or the list', async () => {
  for (const words of [
    'inventory --list',
    'plan --offline --diff',
    'plan --offline --json',
    'secrets list',
    'keys list',
  ]) {
    const { exit, all } = await timeball(words)
    assert.equal(exit, 0, all)
    for (const key of [inline, whole]) assert.ok(!all.includes(key), words)
  }
})

test('Ansible can use what the inventory prints, and decrypts it', async () => {
  const { all } = await timeball('inventory --host pi-2')
  writeFileSync(join(cwd, 'vars.json'), all)
  const args = ['all', '-i', 'localhost,', '-c', 'local', '-m', 'debug', '-e', '@vars.json']
  const env = { ...process.env, ANSIBLE_VAULT_PASSWORD_FILE: 'password', HOME: cwd }
  const asked = ['-a', 'msg={{ api_key_1 }}']
  const said = execFileSync('ansible', [...args, ...asked], { cwd, encoding: 'utf8', env })
  assert.match(said, new RegExp(whole))
})

test('ansible-vault reads what is set here', async () => {
  const { exit, all } = await timeball('secrets set pi-2/API_KEY_1 --generate')
  assert.equal(exit, 0, all)
  const revealed = (await timeball('secrets get pi-2/API_KEY_1 --reveal')).all.trim()
  assert.match(revealed, /^[A-Za-z0-9_-]{43}$/)
  const path = join(cwd, 'secrets.vault.yml')
  const file = parseSealedFile(path, readFileSync(path, 'utf8'), vaultSealing)
  assert.ok(file.ok)
  const text = file.value.secrets[0]?.text ?? ''
  writeFileSync(join(cwd, 'one'), text)
  assert.equal(vault(['view', '--vault-password-file', 'password', 'one']).trim(), revealed)
})

test('Ansible reads the whole file as variables', () => {
  const args = [
    '-i',
    'inventory.yml',
    'pi-2',
    '-c',
    'local',
    '-m',
    'debug',
    '-e',
    '@secrets.vault.yml',
  ]
  const asked = ['-a', "msg={{ devices['pi-2']['API_KEY_1'].value | length }}"]
  const env = { ...process.env, ANSIBLE_VAULT_PASSWORD_FILE: 'password', HOME: cwd }
  const said = execFileSync('ansible', [...args, ...asked], { cwd, encoding: 'utf8', env })
  assert.match(said, /"msg": "?43"?/)
})
