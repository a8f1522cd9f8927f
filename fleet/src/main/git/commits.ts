/** A fleet's repository by the git program: fetched into `.timeball/git`, and never checked out. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { FleetOptions, LoadedFleet } from '../../cli/context.ts'
import type { Relation, Signature } from '../../core/git/judge-commit.ts'
import type { Commit } from '../../core/git/memory.ts'
import { isFolder } from '../../core/git/is-folder.ts'
import type { GitSettings } from '../../core/git/settings.ts'
import { makeFolder } from '@timeball/lib/files.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Commits } from '../../ports/commits.ts'
import { sourcesOf } from '../inventory/load-inventory.ts'
import { readBlobs, readTree } from './commit-tree.ts'
import { differing, layOutFiles, movedPath, putFiles, type Files } from './place-files.ts'
import { runGit, type GitCall } from './run-git.ts'

export interface Place {
  readonly loaded: Pick<LoadedFleet, 'settingsFile' | 'stateFolder'>
  readonly settings: GitSettings
  readonly options: FleetOptions
  readonly signal: AbortSignal
}

const newest = 'refs/timeball/newest'

export function openCommits({ loaded, settings, options, signal }: Place): Commits {
  const folder = dirname(loaded.settingsFile)
  const repository = join(loaded.stateFolder, 'git')
  const protocols = isFolder(settings.remote) ? 'file' : 'https:ssh'
  const git: Git = (args, call = {}) =>
    runGit(repository, { use: 'read', args, protocols, ...call }, signal)
  const both = (commit: string, running: string | null): ReturnType<typeof changeOf> =>
    changeOf(git, settings.path, { commit, running })
  return {
    async fetch() {
      if (!existsSync(join(repository, 'HEAD'))) {
        makeFolder(loaded.stateFolder, 0o700)
        const made = await git(['init', '--quiet', '--bare', '--template=', repository])
        if (!made.ok) return made
      }
      return await fetchNewest(git, settings)
    },
    relation: (running, commit) => relationOf(git, running, commit),
    signature: (commit) => signatureOf(git, settings, commit),
    async layOut(commit, running) {
      const found = await both(commit, running)
      if (!found.ok) return found
      const to = resolve(loaded.stateFolder, 'commit')
      layOutFiles(found.value.files, found.value.before, folder, to)
      const inventory = sourcesOf(options).map((path) => movedPath(path, folder, to))
      return ok({ inventory, fleet: movedPath(loaded.settingsFile, folder, to) })
    },
    async isInPlace(commit) {
      const found = await both(commit, null)
      return found.ok ? ok(differing(folder, found.value.files) === null) : found
    },
    async putInPlace(commit, running) {
      const found = await both(commit, running)
      return found.ok ? putFiles(folder, found.value.files, found.value.before) : found
    },
  }
}

type Git = (args: readonly string[], call?: Partial<GitCall>) => Promise<Result<Buffer, string>>

async function fetchNewest(
  git: Git,
  { branch, remote }: GitSettings,
): Promise<Result<Commit, string>> {
  const quiet = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head']
  const fetch = ['fetch', ...quiet, '--', remote, `+refs/heads/${branch}:${newest}`]
  const fetched = await git(fetch, { use: 'fetch', timeoutMs: 120_000 })
  if (!fetched.ok) return fetched
  const format = '--format=%H%x00%an%x00%ct%x00%s'
  const shown = await git(['log', '-1', '--no-show-signature', format, newest])
  if (!shown.ok) return shown
  const [id = '', author = '', at = '', subject = ''] = partsOf(shown.value)
  return ok({
    ...{ id, author: printable(author, 80), subject: printable(subject, 120) },
    at_unix_ms: Number(at) * 1000,
  })
}

async function relationOf(git: Git, running: string, commit: string): Promise<Relation> {
  if (running === commit) return 'same'
  const isAncestor = async (one: string, other: string): Promise<boolean> =>
    (await git(['merge-base', '--is-ancestor', one, other])).ok
  if (await isAncestor(running, commit)) return 'ahead'
  return (await isAncestor(commit, running)) ? 'behind' : 'apart'
}

async function signatureOf(
  git: Git,
  { allowed_signers: signers = '/dev/null' }: GitSettings,
  commit: string,
): Promise<Signature> {
  const file = ['-c', `gpg.ssh.allowedSignersFile=${signers}`]
  const seen = await git([...file, 'log', '-1', '--format=%G?%x00%GS', commit])
  // G: good, by somebody in the file; U: good, by anybody; N: there is none (git-log(1)).
  const [letter = '', by = ''] = seen.ok ? partsOf(seen.value) : []
  if (letter === 'G') return { kind: 'signed', by: printable(by, 100) }
  const why = letter === 'N' ? 'it is not signed' : 'none of allowed_signers has signed it'
  return { kind: 'not-signed', why }
}

function partsOf(output: Buffer): string[] {
  return output.toString('utf8').trim().split('\0')
}

interface Change {
  readonly files: Files
  readonly before: Files
}

async function changeOf(
  git: Git,
  path: string,
  { commit, running }: { readonly commit: string; readonly running: string | null },
): Promise<Result<Change, string>> {
  const files = await readFiles(git, path, commit)
  const before = running === null ? ok<Files>(new Map()) : await readFiles(git, path, running)
  if (!files.ok) return files
  return before.ok ? ok({ files: files.value, before: before.value }) : before
}

async function readFiles(git: Git, path: string, commit: string): Promise<Result<Files, string>> {
  const at = path.endsWith('/') ? path.slice(0, -1) : path
  const tree = at === '.' ? commit : `${commit}:${at}`
  const listed = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', tree])
  if (!listed.ok) return listed
  const entries = readTree(listed.value.toString('utf8'), commit)
  if (!entries.ok) return entries
  const stdin = Buffer.from(entries.value.map(({ object }) => `${object}\n`).join(''))
  const output = await git(['cat-file', '--batch'], { stdin })
  if (!output.ok) return output
  const blobs = readBlobs(output.value, entries.value.length)
  if (blobs === null) return fail(`the files of ${commit} cannot be read`)
  return ok(
    new Map(entries.value.map(({ path: file }, index) => [file, blobs[index] ?? Buffer.of()])),
  )
}
