/** `timeball secrets`, as an operator uses it: the real program on files. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { timeballProgram } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-secrets-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let recipients: readonly string[] = []
before(async () => {
  const identities = await Promise.all([generateX25519Identity(), generateX25519Identity()])
  recipients = await Promise.all(identities.map(identityToRecipient))
  const hosts = 'pi-1: {ansible_host: 192.0.2.1}, pi-2: {ansible_host: 192.0.2.2}'
  writeFileSync(join(folder, 'inventory.yml'), `all: {hosts: {${hosts}}}\n`)
  writeFileSync(
    join(folder, 'fleet.yaml'),
    'secrets: { store: age, identity_file: keys/identity }\n',
  )
  writeFileSync(join(folder, 'identity'), `${identities[0]}\n`, { mode: 0o600 })
  writeFileSync(
    join(folder, 'fleet.yaml'),
    'secrets: { store: age, identity_file: identity }\nimage: ghcr.io/x/y:1\n',
  )
})

const key = 'the-key-0123456789-of-pi-1'

interface Given {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

function timeball(words: string, { input = '', env = {} }: Given = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [timeballProgram, ...words.split(' ')],
    {
      cwd: folder,
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, ...env },
    },
  )
  return { status, stdout, stderr, all: stdout + stderr }
}

const ageFile = (): string => readFileSync(join(folder, 'secrets.age.yaml'), 'utf8')

test('without recipients nothing is kept, and it is said how to name them', () => {
  const { status, stderr } = timeball('secrets set API_KEY_1', { input: key })
  assert.equal(status, 64)
  assert.match(stderr, /names no recipients\n {4}timeball secrets rekey --recipient/)
})

test('recipients are named, one is warned of', () => {
  const [one = '', two = ''] = recipients
  const first = timeball(`secrets rekey --recipient ${one}`)
  assert.equal(first.status, 0, first.all)
  assert.match(first.stderr, /warning: .* has one recipient/)
  const second = timeball(`secrets rekey --recipient ${one} --recipient ${two}`)
  assert.equal(second.status, 0, second.all)
  assert.doesNotMatch(second.stderr, /warning/)
})

test('a value comes on standard input, and is kept encrypted', () => {
  const set = timeball('secrets set pi-1/API_KEY_1', { input: `${key}\n` })
  assert.equal(set.status, 0, set.all)
  assert.match(set.stderr, /pi-1\/API_KEY_1: set in .*secrets\.age\.yaml \([0-9a-f]{12}\)/)
  assert.ok(!`${set.all}${ageFile()}`.includes(key))
  assert.equal(timeball('secrets get pi-1/API_KEY_1 --reveal').stdout, `${key}\n`)
})

test('a random key is made, which nobody has seen', () => {
  const set = timeball('secrets set pi-2/API_KEY_1 --generate --json')
  assert.equal(set.status, 0, set.all)
  assert.match(set.stdout, /"device":"pi-2","name":"API_KEY_1".*"message":"set"/)
  const made = timeball('secrets get pi-2/API_KEY_1 --reveal').stdout.trim()
  assert.match(made, /^[A-Za-z0-9_-]{43}$/)
  assert.ok(!set.all.includes(made))
})

test('the list has names, ages and fingerprints, and no values', () => {
  const { status, stdout, all } = timeball('secrets list')
  assert.equal(status, 0)
  assert.match(stdout, /^pi-1 +API_KEY_1 +\d+ (s|min).* +[0-9a-f]{12}$/m)
  assert.ok(!all.includes(key))
  const without = timeball('secrets get pi-1/API_KEY_1')
  assert.match(without.stdout, /API_KEY_1/)
  assert.ok(!without.all.includes(key))
})

test('a plan uses the keys, each device its own', () => {
  const { status, all } = timeball('plan --offline --diff')
  assert.equal(status, 0, all)
  assert.doesNotMatch(all, /is the same on/)
  assert.ok(!all.includes(key))
})

test('a key that devices share is warned of', () => {
  const env = { API_KEY_1: 'one-key-for-all-of-them' }
  writeFileSync(join(folder, 'shared.yaml'), 'image: ghcr.io/x/y:1\n')
  const { status, all } = timeball('plan --offline -f shared.yaml', { env })
  assert.equal(status, 0, all)
  assert.match(all, /API_KEY_1 is the same on 2 devices: whoever takes one/)
})

const refused = [
  { words: 'secrets set api_key', input: key, said: /api_key is no name of a secret/ },
  {
    words: 'secrets set pi-11/API_KEY_1',
    input: key,
    said: /no device pi-11\n {4}did you mean pi-1\?/,
  },
  { words: 'secrets set API_KEY_1', input: 'short', said: /the value is shorter than 8/ },
  { words: 'secrets set API_KEY_1', input: '', said: /no value was given/ },
  { words: 'secrets get pi-1/API_KEY_2', said: /has no API_KEY_2/ },
  { words: 'secrets remove pi-1/API_KEY_2', said: /has no API_KEY_2/ },
  { words: 'secrets get pi-1/API_KEY_1 --reveal --json', said: /it is in no JSON/ },
  { words: 'secrets import --from nowhere', said: /nowhere is no store/ },
  { words: 'secrets import --from age --to env', said: /environment is not written/ },
] as const
for (const { words, said, ...given } of refused) {
  test(`${words}: ${said.source}`, () => {
    const before = ageFile()
    const { status, all } = timeball(words, given)
    assert.equal(status, 64, all)
    assert.match(all, said)
    assert.equal(ageFile(), before)
  })
}

test('secrets move between stores, and each is read back', () => {
  const env = { API_KEY_1: 'the-key-of-all-devices', API_KEY_1_PI_1: 'another-key-of-pi-1' }
  const clash = timeball('secrets import --from env', { env })
  assert.equal(clash.status, 64)
  assert.match(
    clash.stderr,
    /pi-1\/API_KEY_1 has another value there\n {4}to replace it: --overwrite/,
  )
  const moved = timeball('secrets import --from env --overwrite', { env })
  assert.equal(moved.status, 0, moved.all)
  assert.match(moved.stdout, /^\(all\) +API_KEY_1 .* set$[^]*^pi-1 +API_KEY_1 .* replaced$/m)
  for (const value of Object.values(env)) assert.ok(!moved.all.includes(value))
  assert.match(timeball('secrets import --from env', { env }).stdout, / same$/m)
  assert.equal(timeball('secrets get pi-1/API_KEY_1 --reveal').stdout, 'another-key-of-pi-1\n')
})

test('a secret is taken away', () => {
  const { status, stderr } = timeball('secrets remove API_KEY_1')
  assert.equal(status, 0)
  assert.match(stderr, /API_KEY_1: removed/)
  assert.doesNotMatch(timeball('secrets list').stdout, /\(all\)/)
})

function git(...args: readonly string[]): void {
  const who = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org']
  const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

test('outside of a repository lint looks at nothing, and says so', () => {
  const { status, stderr } = timeball('secrets lint', {
    env: { GIT_CEILING_DIRECTORIES: tmpdir() },
  })
  assert.equal(status, 1)
  assert.match(stderr, /the repository cannot be read: .*not a git repository/)
})

test('lint finds a key in a file and in the history, and does not show it', () => {
  const value = timeball('secrets get pi-1/API_KEY_1 --reveal').stdout.trim()
  git('init', '-q')
  writeFileSync(join(folder, '.gitignore'), 'identity\n.timeball/\n')
  git('add', '.')
  git('commit', '-qm', 'clean')
  const clean = timeball('secrets lint')
  assert.equal(clean.status, 0, clean.all)
  writeFileSync(join(folder, 'notes.txt'), `first line\nthe key is ${btoa(value)}\n`)
  git('add', '.')
  git('commit', '-qm', 'oops')
  writeFileSync(join(folder, 'notes.txt'), 'first line\n')
  git('commit', '-qam', 'taken out')
  writeFileSync(join(folder, 'other.txt'), `${value}\n`)
  const { status, stdout, all } = timeball('secrets lint')
  assert.equal(status, 1, all)
  assert.match(stdout, /^\(now\) +other\.txt:1 +the value of pi-1\/API_KEY_1$/m)
  assert.match(stdout, /^[0-9a-f]{12} +notes\.txt:2 +the value of pi-1\/API_KEY_1$/m)
  assert.equal(stdout.split('\n').length, 4)
  assert.ok(!all.includes(value))
  assert.match(timeball('secrets lint --json').stdout, /"type":"plaintext","commit":null/)
})

test('who is no recipient any more is told so, and the keys that nobody can read are said once', () => {
  const [one = '', two = ''] = recipients
  const { status, stderr } = timeball(`secrets rekey --recipient ${two}`)
  assert.equal(status, 0, stderr)
  assert.match(stderr, /warning: nobody can read .* from here any more: none of the recipients/)
  const keys = timeball('keys list')
  assert.equal(keys.status, 64)
  assert.equal(keys.stdout, '')
  assert.equal(timeball(`secrets rekey --recipient ${one}`).status, 64)
})
