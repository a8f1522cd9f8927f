import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { withRecipients } from '../../../core/secrets/sealed-file.ts'
import { Secret } from '../../../core/secrets/secret.ts'
import { storeInFileContract } from '../../../ports/secret-store.contract.ts'
import type { SecretStore } from '../../../ports/secret-store.ts'
import { ageStore } from './age-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-age-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const identity = await generateX25519Identity()
const offline = await generateX25519Identity()
const recipients = await Promise.all([identity, offline].map(identityToRecipient))

interface Wish {
  readonly environment?: Readonly<Record<string, string>>
  readonly file?: string
  readonly passphrase?: string
}

function storeAt(path: string, { environment, file, passphrase }: Wish = {}): SecretStore {
  return ageStore({
    path,
    identities: {
      file: file ?? null,
      environment: environment ?? (file === undefined ? { TIMEBALL_AGE_IDENTITY: identity } : {}),
      askPassphrase: () => Promise.resolve(passphrase ?? null),
    },
  })
}

let count = 0
function emptyFile(readers: readonly string[] = recipients): string {
  const path = join(folder, `${(count += 1)}.age.yaml`)
  writeFileSync(path, withRecipients('', readers))
  return path
}

const keptAt = storeInFileContract('age', { newPath: emptyFile, storeAt })

const one = { device: 'pi-1', name: 'API_KEY_1', value: 'the-key-of-pi-1' }
const two = { device: 'pi-2', name: 'API_KEY_1', value: 'the-key-of-pi-2' }

test('a difference of two versions shows which secret changed, and nothing of it', async () => {
  const path = await keptAt([one, two])
  const before = readFileSync(path, 'utf8')
  const secret = new Secret('API_KEY_1', 'another-key-of-pi-2')
  assert.ok((await storeAt(path).write([{ ...two, secret, atUnixMs: 1_800_000_060_000 }])).ok)
  const [was, is] = [before, readFileSync(path, 'utf8')].map((text) => text.split('  pi-2:'))
  assert.equal(is?.[0], was?.[0], 'what stands before is as it was')
  assert.notEqual(is?.[1], was?.[1])
  assert.match(is?.[1] ?? '', /set: 2027-01-15T08:01:00Z/)
  assert.doesNotMatch(readFileSync(path, 'utf8'), /key-of-pi/)
})

test('when a secret was set is known', async () => {
  const listed = await storeAt(await keptAt([one])).list()
  assert.ok(listed.ok)
  assert.equal(listed.value[0]?.setAtUnixMs, 1_800_000_000_000)
})

test("an operator's comments and order stay", async () => {
  const path = await keptAt([one])
  writeFileSync(
    path,
    `# ours\n${readFileSync(path, 'utf8').replace('devices:', '# Pis\ndevices:')}`,
  )
  const secret = new Secret('API_KEY_1', 'key-of-all-1')
  assert.ok(
    (await storeAt(path).write([{ device: null, name: 'API_KEY_1', secret, atUnixMs: 0 }])).ok,
  )
  assert.match(readFileSync(path, 'utf8'), /^# ours[^]*# Pis\ndevices:/)
})

test('each recipient alone can read; others cannot, and it is said which secret', async () => {
  const path = await keptAt([one])
  const byOther = storeAt(path, { environment: { SOPS_AGE_KEY: offline } })
  assert.ok((await byOther.read('pi-1', 'API_KEY_1')).ok)
  const stranger = await generateX25519Identity()
  const read = await storeAt(path, { environment: { SOPS_AGE_KEY: stranger } }).get(one)
  assert.ok(!read.ok)
  assert.equal(read.failure.code, 'unavailable')
  assert.match(read.failure.detail, /pi-1\/API_KEY_1 is for other recipients/)
})

test('one recipient is warned of', async () => {
  assert.deepEqual(await storeAt(emptyFile()).notes(), [])
  const [note = ''] = await storeAt(emptyFile(recipients.slice(0, 1))).notes()
  assert.match(note, /has one recipient/)
})

test('without recipients nothing is encrypted, and nothing is written', async () => {
  const path = emptyFile([])
  const secret = new Secret('API_KEY_1', 'key-of-all-1')
  const written = await storeAt(path).write([
    { device: null, name: 'API_KEY_1', secret, atUnixMs: 0 },
  ])
  assert.ok(!written.ok)
  assert.match(written.failure.detail, /names no recipients/)
  assert.ok(!readFileSync(path, 'utf8').includes('API_KEY_1'))
})

test('rekey changes who can read', async () => {
  const path = await keptAt([one, two])
  const stranger = await generateX25519Identity()
  const readers = [recipients[0] ?? '', await identityToRecipient(stranger)]
  const done = await storeAt(path).rekey(readers)
  assert.deepEqual(done, { ok: true, value: readers })
  assert.ok((await storeAt(path, { environment: { SOPS_AGE_KEY: stranger } }).get(two)).ok)
  assert.ok(!(await storeAt(path, { environment: { SOPS_AGE_KEY: offline } }).get(two)).ok)
})

test('what another process has written since is read', async () => {
  const path = await keptAt([one])
  const reader = storeAt(path)
  assert.ok((await reader.get(one)).ok)
  const secret = new Secret('API_KEY_1', 'written-by-another')
  assert.ok((await storeAt(path).write([{ ...one, secret, atUnixMs: 0 }])).ok)
  const read = await reader.get(one)
  assert.equal(read.ok && read.value.reveal(), 'written-by-another')
})

test('which recipient is damaged is said, and it is not shown', async () => {
  const path = await keptAt([one])
  const done = await storeAt(path).rekey([recipients[0] ?? '', identity])
  assert.ok(!done.ok)
  assert.equal(done.failure.detail, 'recipient 2 of 2 is damaged')
  assert.ok(!JSON.stringify(done).includes(identity))
})

test('a damaged secret fails, whichever byte it is, and tells nothing', async () => {
  const path = await keptAt([one])
  const text = readFileSync(path, 'utf8')
  const start = text.indexOf('BEGIN AGE') + 40
  for (let at = start; at < text.length - 60; at += 37) {
    if (text[at] === '\n' || text[at] === ' ') continue
    writeFileSync(path, `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`)
    const read = await storeAt(path).get(one)
    assert.ok(!read.ok, `byte ${at}`)
    assert.ok(!read.failure.detail.includes(one.value))
  }
})

const mistakes = [
  { name: 'no YAML', text: 'all: [', said: /:1:\d+: this is no YAML/ },
  { name: 'an unknown section', text: 'al:\n  X: y\n', said: /unknown key al/ },
  {
    name: 'a plain value',
    text: 'all:\n  API_KEY_1: the-plain-key-1\n',
    said: /2:3: API_KEY_1 is not encrypted/,
  },
  {
    name: 'an identity for a recipient',
    text: `recipients:\n  - ${identity}\n`,
    said: /this is no age1/,
  },
  {
    name: 'a name that no device can have',
    text: 'devices:\n  "pi\\e[31m":\n    API_KEY_1: {}\n',
    said: /2:3: a device's name may only have letters/,
  },
  { name: 'a name that is none', text: 'all:\n  api: {}\n', said: /no name of a secret/ },
]
for (const { name, text, said } of mistakes) {
  test(`${name} is refused with its place, and not quoted`, async () => {
    const path = emptyFile()
    writeFileSync(path, text)
    const read = await storeAt(path).read('pi-1', 'API_KEY_1')
    assert.ok(!read.ok)
    assert.match(read.failure.detail, said)
    assert.doesNotMatch(JSON.stringify(read), /plain-key|AGE-SECRET/)
    assert.doesNotMatch(read.failure.detail, /\n/, 'what to do is the hint')
  })
}

test('an identity is read from a file that is for its owner only', async () => {
  const path = await keptAt([one])
  const file = join(folder, 'identity')
  writeFileSync(file, `# created: today\n${identity}\n`, { mode: 0o600 })
  assert.ok((await storeAt(path, { file }).get(one)).ok)
  chmodSync(file, 0o640)
  const read = await storeAt(path, { file }).get(one)
  assert.ok(!read.ok)
  assert.match(read.failure.detail, /can be read by others/)
  assert.equal(read.failure.hint, `chmod 600 ${file}`)
})

test('an identity that is a folder is said to be one', async () => {
  const read = await storeAt(await keptAt([one]), { file: folder }).get(one)
  assert.ok(!read.ok)
  assert.match(read.failure.detail, /is a folder$/)
})

test('an identity with a passphrase asks for it', async () => {
  const path = await keptAt([one])
  const file = join(folder, 'locked')
  const encrypter = new Encrypter()
  encrypter.setPassphrase('four words for us')
  encrypter.setScryptWorkFactor(10)
  writeFileSync(file, await encrypter.encrypt(`${identity}\n`), { mode: 0o600 })
  assert.ok((await storeAt(path, { file, passphrase: 'four words for us' }).get(one)).ok)
  const environment = { TIMEBALL_AGE_PASSPHRASE: 'four words for us' }
  assert.ok((await storeAt(path, { file, environment }).get(one)).ok)
  const wrong = await storeAt(path, { file, passphrase: 'four other words' }).get(one)
  assert.ok(!wrong.ok && /passphrase is wrong/.test(wrong.failure.detail))
  const alone = await storeAt(path, { file }).get(one)
  assert.ok(!alone.ok && /nobody to ask/.test(alone.failure.detail))
})

test('an identity that was not copied whole is said, and not shown', async () => {
  const path = await keptAt([one])
  const another = identity.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q'))
  for (const damaged of [identity.slice(0, -3), another, 'AGE-SECRET-KEY-1BAD']) {
    const read = await storeAt(path, { environment: { TIMEBALL_AGE_IDENTITY: damaged } }).get(one)
    assert.ok(!read.ok)
    assert.match(read.failure.detail, /^the identity in the environment has no age identity that/)
    assert.doesNotMatch(JSON.stringify(read), new RegExp(damaged))
  }
})

test('no identity is said, with the ways to name one', async () => {
  const path = await keptAt([one])
  const read = await storeAt(path, { environment: { HOME: folder } }).get(one)
  assert.ok(!read.ok)
  assert.match(read.failure.detail, /sops\/age\/keys\.txt: there is no such file/)
  assert.match(read.failure.hint ?? '', /TIMEBALL_AGE_IDENTITY_FILE/)
})
