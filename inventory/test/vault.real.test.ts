/** What the real ansible-vault encrypts is read here, and the reverse. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readVaultPasswords } from '../src/files/vault-passwords.ts'
import { formatList } from '../src/format-inventory.ts'
import { noOptions, resolveVars } from '../src/resolve-vars.ts'
import { decrypter } from '../src/vault/decrypt.ts'
import { type VaultPassword, decryptVault, encryptVault } from '../src/vault/vault.ts'
import { ansible } from './ansible.ts'
import { loadInventory } from './load-inventory.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-vault-'))
after(() => rmSync(folder, { recursive: true }))
const passwordFile = join(folder, 'password')
writeFileSync(passwordFile, 'correct horse\n')

const { run } = ansible()

function vault(...args: readonly string[]): string {
  return execFileSync('/usr/bin/ansible-vault', [...args], { encoding: 'utf8', cwd: folder })
}

function password(text: string, id = 'default'): VaultPassword {
  return { id, password: new TextEncoder().encode(text) }
}

function clearOf(text: string, ...passwords: readonly VaultPassword[]): string {
  const clear = decryptVault(text, passwords)
  return clear.ok ? new TextDecoder().decode(clear.value) : clear.failure
}

const texts = ['', 'x', 'a: 1\nb: "ž😀"\n', 'x'.repeat(16), 'y'.repeat(10_000)]

for (const id of ['default', 'prod']) {
  test(`texts encrypted by ansible-vault with the id ${id} are read`, () => {
    for (const text of texts.filter((each) => each !== '')) {
      const path = join(folder, 'file.yml')
      writeFileSync(path, text)
      vault('encrypt', '--vault-id', `${id}@${passwordFile}`, path)
      const encrypted = readFileSync(path, 'utf8')
      assert.match(encrypted, id === 'prod' ? /;1\.2;AES256;prod\n/ : /;1\.1;AES256\n/)
      assert.equal(clearOf(encrypted, password('wrong'), password('correct horse')), text)
    }
  })

  test(`texts encrypted here with the id ${id} are read by ansible-vault`, () => {
    for (const text of texts) {
      const path = join(folder, 'mine.yml')
      const clear = new TextEncoder().encode(text)
      writeFileSync(path, encryptVault(clear, password('correct horse', id), randomBytes(32)))
      assert.equal(
        vault('decrypt', '--vault-password-file', passwordFile, '--output', '-', path),
        text,
      )
    }
  })
}

test('what cannot be read says why, and nothing of it', () => {
  const text = encryptVault(new TextEncoder().encode('secret'), password('a'), randomBytes(32))
  const named = encryptVault(
    new TextEncoder().encode('secret'),
    password('a', 'prod'),
    randomBytes(32),
  )
  assert.match(clearOf(text, password('b')), /^is encrypted with another password/)
  assert.match(clearOf(named, password('b')), /its id is "prod"/)
  assert.match(clearOf(text.replace(/[0-9a-f]{2}\n$/, 'zz\n'), password('a')), /damaged/)
  assert.match(clearOf(text.slice(0, -90), password('a')), /damaged|another password/)
  assert.match(clearOf('$ANSIBLE_VAULT;1.0;AES\n00\n', password('a')), /unknown kind/)
  // One bit of the text changed is another text.
  const [head = '', ...lines] = text.split('\n')
  const body = lines.join('')
  const flipped = body.slice(0, -1) + (body.endsWith('0') ? '1' : '0')
  assert.match(clearOf(`${head}\n${flipped}\n`, password('a')), /damaged|another password/)
})

test('a vault of variables, a vault of an inventory and !vault values are read as Ansible reads them', async () => {
  const inventory = join(folder, 'hosts.ini')
  writeFileSync(inventory, '[web]\npi-01 ansible_host=192.0.2.1\n')
  vault('encrypt', '--vault-password-file', passwordFile, inventory)
  const line = vault('encrypt_string', '--vault-password-file', passwordFile, '--name', 'key', 'k1')
  execFileSync('mkdir', ['-p', join(folder, 'group_vars/all')])
  writeFileSync(
    join(folder, 'group_vars/all/clear.yml'),
    `${line}\nmade: "x{{ key }}{{ hidden }}"\n`,
  )
  writeFileSync(join(folder, 'group_vars/all/vault.yml'), 'hidden: "192.0.2.9"\n')
  vault('encrypt', '--vault-password-file', passwordFile, join(folder, 'group_vars/all/vault.yml'))
  const decrypt = decrypter([password('correct horse')])
  const mine = await loadInventory([inventory], '/nowhere', decrypt)
  const args = ['-i', inventory, '--vault-password-file', passwordFile]
  const listed = await run({ program: 'ansible-inventory', args: [...args, '--list'] })
  assert.equal(formatList(mine), listed.stdout, listed.stderr)
  const theirs = await run({ program: 'resolve', args: [...args, '--', 'pi-01', 'made', 'key'] })
  const { values } = resolveVars(mine, 'pi-01', ['made', 'key'], { ...noOptions, decrypt })
  assert.deepEqual(JSON.parse(theirs.stdout), ["'xk1192.0.2.9'", "'k1'"])
  assert.deepEqual([values.get('made')?.value, values.get('key')?.value], ['xk1192.0.2.9', 'k1'])
  assert.equal(values.get('made')?.isSecret, true)
})

test('passwords come from files, from programs, and from the variables of the environment', async () => {
  const program = join(folder, 'ask')
  writeFileSync(program, '#!/bin/sh\necho from a program\n')
  chmodSync(program, 0o700)
  const environment = {
    ANSIBLE_VAULT_PASSWORD_FILE: passwordFile,
    ANSIBLE_VAULT_IDENTITY_LIST: `prod@${program}, ${passwordFile}`,
  }
  const read = await readVaultPasswords({ files: [program], environment, programs: 'run' })
  assert.ok(read.ok, JSON.stringify(read))
  const shown = read.value.map(({ id, password }) => [id, new TextDecoder().decode(password)])
  assert.deepEqual(shown, [
    ['default', 'from a program'],
    ['prod', 'from a program'],
    ['default', 'correct horse'],
    ['default', 'correct horse'],
  ])
  const empty = join(folder, 'empty')
  writeFileSync(empty, '\n')
  const files = [program, empty, join(folder, 'none')]
  const refused = await readVaultPasswords({ files, environment: {}, programs: 'refuse' })
  assert.ok(!refused.ok)
  assert.match(
    refused.failure.map(({ what }) => what).join('\n'),
    /a program, and.*\n.*empty\n.*no such file/,
  )
})
