/** A bare repository and a clone of it, made by the real program, for the time of a test file. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'

export interface Repository {
  /** Of everything; removed after the tests. */
  readonly folder: string
  /** The bare one. */
  readonly remote: string
  readonly clone: string
  git(...args: readonly string[]): string
  /** Writes files, commits and pushes; gives the id. `null` takes a file away. */
  commit(subject: string, files: Readonly<Record<string, string | null>>): string
}

export function testRepository(): Repository {
  const folder = mkdtempSync(join(tmpdir(), 'tb-git-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const remote = join(folder, 'remote.git')
  const clone = join(folder, 'clone')
  const env = {
    ...process.env,
    ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_COUNT: '0' },
    ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' },
    ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' },
  }
  const run = (cwd: string, args: readonly string[]): string =>
    execFileSync('git', [...args], { cwd, env, encoding: 'utf8', stdio: 'pipe' }).trim()
  run(folder, ['init', '--quiet', '--bare', '--initial-branch=main', remote])
  run(folder, ['init', '--quiet', '--initial-branch=main', clone])
  run(clone, ['remote', 'add', 'origin', remote])
  const git = (...args: readonly string[]): string => run(clone, args)
  return {
    ...{ folder, remote, clone, git },
    commit(subject, files) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(clone, path)
        mkdirSync(dirname(file), { recursive: true })
        if (text === null) rmSync(file)
        else writeFileSync(file, text)
      }
      git('add', '--all')
      git('commit', '--quiet', '--message', subject)
      git('push', '--quiet', '--force', 'origin', 'HEAD:main')
      return git('rev-parse', 'HEAD')
    },
  }
}
