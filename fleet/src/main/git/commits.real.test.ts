/** Commits by the real git program, from a bare repository. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gitSettings } from '../../core/git/settings.ts'
import type { Commits } from '../../ports/commits.ts'
import { openCommits } from './commits.ts'
import { testRepository } from './test/repository.ts'

const repository = testRepository()
const fleet = join(repository.folder, 'fleet')
mkdirSync(fleet)

function commitsOf(more: Readonly<Record<string, unknown>> = {}): Commits {
  const settings = gitSettings.parse({ remote: repository.remote, ...more })
  const loaded = { settingsFile: join(fleet, 'fleet.yaml'), stateFolder: join(fleet, '.timeball') }
  const options = { inventory: join(fleet, 'inventory.yml') }
  return openCommits({ loaded, settings, options, signal: new AbortController().signal })
}

const read = (path: string): string => readFileSync(join(fleet, path), 'utf8')
const first = repository.commit('First', {
  'fleet.yaml': 'fleet: a\n',
  'group_vars/all.yml': '{}\n',
})
const second = repository.commit('Second', {
  'fleet.yaml': 'fleet: b\n',
  'group_vars/all.yml': null,
})
const commits = commitsOf()

test('the newest commit of the branch is told with its author and its subject', async () => {
  const fetched = await commits.fetch()
  assert.ok(fetched.ok, fetched.ok ? '' : fetched.failure)
  const { id, author, subject } = fetched.value
  assert.deepEqual([id, author, subject], [second, 'Ada', 'Second'])
  assert.equal(await commits.relation(first, second), 'ahead')
  assert.equal(await commits.relation(second, first), 'behind')
  assert.equal(await commits.relation('0'.repeat(40), second), 'apart')
})

test('the files are made those of a commit, and what somebody changed here stays', async () => {
  assert.deepEqual(await commits.putInPlace(first, null), { ok: true, value: null })
  assert.equal(read('group_vars/all.yml'), '{}\n')
  writeFileSync(join(fleet, 'secret.key'), 'of nobody else\n')
  assert.equal((await commits.putInPlace(second, first)).ok, true)
  assert.equal(read('fleet.yaml'), 'fleet: b\n')
  assert.equal(existsSync(join(fleet, 'group_vars/all.yml')), false)
  assert.deepEqual(await commits.isInPlace(second), { ok: true, value: true })
  writeFileSync(join(fleet, 'fleet.yaml'), 'fleet: mine\n')
  const refused = await commits.putInPlace(first, second)
  assert.match(
    refused.ok ? '' : refused.failure,
    /^fleet\.yaml was changed here, and is in no commit/,
  )
  assert.equal(existsSync(join(fleet, 'group_vars/all.yml')), false)
  writeFileSync(join(fleet, 'fleet.yaml'), 'fleet: b\n')
})

test('a commit is laid out beside what no commit has', async () => {
  const laid = await commits.layOut(first, second)
  assert.ok(laid.ok)
  assert.equal(readFileSync(laid.value.fleet, 'utf8'), 'fleet: a\n')
  const beside = join(laid.value.fleet, '..')
  assert.equal(readFileSync(join(beside, 'secret.key'), 'utf8'), 'of nobody else\n')
  assert.equal(read('fleet.yaml'), 'fleet: b\n')
})

for (const { name, make, why } of [
  {
    name: 'a symbolic link',
    make: () => symlinkSync('/etc/passwd', join(repository.clone, 'inventory.yml')),
    why: /^inventory\.yml is a symbolic link/,
  },
  {
    name: 'a submodule',
    make: () => void repository.git('update-index', '--add', '--cacheinfo', `160000,${first},sub`),
    why: /^sub is a submodule/,
  },
  {
    name: 'a file of the state',
    make() {
      mkdirSync(join(repository.clone, '.timeball'))
      writeFileSync(join(repository.clone, '.timeball/git.json'), '{}')
    },
    why: /^\.timeball\/git\.json is no path/,
  },
  {
    name: 'files without end',
    make: () => writeFileSync(join(repository.clone, 'huge'), Buffer.alloc(33 << 20)),
    why: /larger than 32 MiB/,
  },
]) {
  test(`a commit with ${name} is not taken`, async () => {
    repository.git('checkout', '--quiet', '-B', 'bad', second)
    make()
    if (name !== 'a submodule') repository.git('add', '--all')
    repository.git('commit', '--quiet', '--message', 'Bad')
    repository.git('push', '--quiet', '--force', 'origin', 'HEAD:bad')
    const bad = repository.git('rev-parse', 'HEAD')
    const branch = commitsOf({ branch: 'bad' })
    assert.equal((await branch.fetch()).ok, true)
    const laid = await branch.layOut(bad, second)
    assert.match(laid.ok ? '' : laid.failure, why)
    assert.equal((await branch.putInPlace(bad, second)).ok, false)
    assert.equal(read('fleet.yaml'), 'fleet: b\n')
    repository.git('checkout', '--quiet', '--force', 'main')
  })
}

test('nothing of the repository is run: hooks, filters, and programs that attributes name', async () => {
  const trace = join(repository.folder, 'ran')
  const id = repository.commit('Attributes', {
    '.gitattributes': '* filter=evil diff=evil export-subst text eol=crlf ident\n',
    'fleet.yaml': 'fleet: c # $Id$\n',
  })
  await commits.fetch()
  const bare = join(fleet, '.timeball/git')
  execFileSync('git', ['--git-dir', bare, 'config', 'filter.evil.smudge', `touch ${trace}`])
  mkdirSync(join(bare, 'hooks'), { recursive: true })
  for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change']) {
    writeFileSync(join(bare, 'hooks', hook), `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o755 })
  }
  await commits.fetch()
  assert.equal((await commits.putInPlace(id, second)).ok, true)
  assert.equal(read('fleet.yaml'), 'fleet: c # $Id$\n')
  assert.equal(existsSync(trace), false)
})

test('a remote that is not there is a sentence, and so is a branch', async () => {
  const gone = await commitsOf({ remote: join(repository.folder, 'gone') }).fetch()
  assert.match(gone.ok ? '' : gone.failure, /does not appear to be a git repository/)
  const branch = await commitsOf({ branch: 'nobody' }).fetch()
  assert.match(branch.ok ? '' : branch.failure, /nobody/)
})

test('a signature counts when one of allowed_signers made it', async () => {
  const key = (name: string): string => {
    const file = join(repository.folder, name)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file])
    return file
  }
  const [ada, eve] = [key('ada'), key('eve')]
  const signers = join(repository.folder, 'signers')
  writeFileSync(signers, `ada@example.org ${readFileSync(`${ada}.pub`, 'utf8')}`)
  const signing = commitsOf({ allowed_signers: signers })
  const seen: unknown[] = []
  for (const by of [ada, eve, null]) {
    const sign = by === null ? ['--no-gpg-sign'] : [`--gpg-sign=${by}`]
    repository.git('-c', 'gpg.format=ssh', 'commit', '--quiet', '--allow-empty', ...sign, '-m', 'S')
    repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main')
    await signing.fetch()
    seen.push(await signing.signature(repository.git('rev-parse', 'HEAD')))
  }
  assert.deepEqual(seen, [
    { kind: 'signed', by: 'ada@example.org' },
    { kind: 'not-signed', why: 'none of allowed_signers has signed it' },
    { kind: 'not-signed', why: 'it is not signed' },
  ])
})

test('what is no remote for a fleet is refused', () => {
  for (const remote of ['ext::sh -c id', '--upload-pack=id', 'http://example.org/r', 'git://h/r']) {
    assert.equal(gitSettings.safeParse({ remote }).success, false, remote)
  }
  assert.equal(gitSettings.safeParse({ remote: 'https://a:secret@example.org/r' }).success, false)
  for (const remote of [
    'https://example.org/r.git',
    'git@example.org:a/r.git',
    '/srv/git/r',
    '../r',
  ]) {
    assert.equal(gitSettings.safeParse({ remote }).success, true, remote)
  }
  for (const branch of ['-x', 'a..b', '../x']) {
    assert.equal(gitSettings.safeParse({ remote: '/r', branch }).success, false, branch)
  }
})
