/** All lines of a git repository: of its files as they are, and of what its commits have added. */
import { readFile, stat } from '@timeball/lib/files.ts'
import { join } from 'node:path'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import { addedLines, type RepositoryLine } from '../core/secrets/diff-reader.ts'
import { findProgram } from './find-program.ts'

const maxFileBytes = 16 << 20
const timeoutMs = 600_000

/** The failure is a sentence. */
export async function repositoryLines(
  folder: string,
  visit: (line: RepositoryLine) => void,
): Promise<Result<null, string>> {
  if (findProgram(['git']) === null) return fail('git is not installed')
  const paths: string[] = []
  const names = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const listed = await git(folder, names, { separator: '\0', onPart: (path) => paths.push(path) })
  if (!listed.ok) return listed
  for (const path of new Set(paths)) await visitFile(folder, path, visit)
  const log = ['log', '--all', '-p', '-U0', '-m', '--text', '--no-color', '--no-ext-diff']
  const format = ['--no-textconv', '--no-renames', '--format=commit %H', '--', '.']
  return await git(folder, [...log, ...format], { separator: '\n', onPart: addedLines(visit) })
}

async function visitFile(
  folder: string,
  path: string,
  visit: (line: RepositoryLine) => void,
): Promise<void> {
  const whole = join(folder, path)
  const found = await stat(whole).catch(() => null)
  if (found === null || !found.isFile() || found.size > maxFileBytes) return
  const text = await readFile(whole, 'latin1')
  for (const [index, line] of text.split('\n').entries()) {
    visit({ commit: null, path, line: index + 1, text: line })
  }
}

interface Parts {
  readonly separator: string
  readonly onPart: (part: string) => void
}

async function git(
  folder: string,
  args: readonly string[],
  { separator, onPart }: Parts,
): Promise<Result<null, string>> {
  let rest = ''
  const end = await runProcess({
    file: 'git',
    args: ['-C', folder, '-c', 'core.quotePath=false', '-c', 'log.showSignature=false', ...args],
    stdin: new Uint8Array(),
    timeoutMs,
    signal: new AbortController().signal,
    onStdout(chunk) {
      const parts = `${rest}${chunk.toString('latin1')}`.split(separator)
      rest = parts.pop() ?? ''
      for (const part of parts) onPart(part)
      return 'more'
    },
  })
  if (rest !== '') onPart(rest)
  if (end.kind === 'exited' && end.code === 0) return ok(null)
  const [said = ''] = end.stderr.split('\n')
  // A repository without a commit has no history.
  if (said.includes('does not have any commits yet')) return ok(null)
  return fail(said === '' ? `git did not end well (${end.kind})` : said)
}
