/** What the real age encrypts is read here, and the reverse. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  ageSealing,
  editSealedFile,
  parseSealedFile,
  withRecipients,
} from '../../../core/secrets/sealed-file.ts'
import { Secret } from '../../../core/secrets/secret.ts'
import { ageStore } from './age-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-real-age-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const place = { device: 'pi-1', name: 'API_KEY_1' } as const
const value = 'a-key-0123456789+/='

function identityFile(name: string): { readonly file: string; readonly recipient: string } {
  const file = join(folder, name)
  execFileSync('age-keygen', ['-o', file], { stdio: 'pipe' })
  return { file, recipient: execFileSync('age-keygen', ['-y', file], { encoding: 'utf8' }).trim() }
}
const [ours, theirs] = [identityFile('ours'), identityFile('theirs')]

const askPassphrase = () => Promise.resolve(null)

function storeOf(path: string) {
  return ageStore({ path, identities: { file: ours.file, environment: {}, askPassphrase } })
}

test('age -d reads what is written here, with either identity', async () => {
  const path = join(folder, 'written.age.yaml')
  writeFileSync(path, withRecipients('', [ours.recipient, theirs.recipient]))
  const secret = new Secret(place.name, value)
  const written = await storeOf(path).write([{ ...place, secret, atUnixMs: 0 }])
  assert.ok(written.ok, JSON.stringify(written))
  const file = parseSealedFile(path, readFileSync(path, 'utf8'), ageSealing)
  assert.ok(file.ok)
  const input = file.value.secrets[0]?.text ?? ''
  for (const { file: identity } of [ours, theirs]) {
    assert.equal(execFileSync('age', ['-d', '-i', identity], { input, encoding: 'utf8' }), value)
  }
})

test('what age encrypts is read here', async () => {
  const args = ['-a', '-r', theirs.recipient, '-r', ours.recipient]
  const text = execFileSync('age', args, { input: value, encoding: 'utf8' })
  const path = join(folder, 'read.age.yaml')
  writeFileSync(path, editSealedFile('', [{ ...place, text, atUnixMs: null }], ageSealing))
  const read = await storeOf(path).get(place)
  assert.ok(read.ok, JSON.stringify(read))
  assert.equal(read.value.reveal(), value)
})
