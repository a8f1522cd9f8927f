/** The program git, so that nothing that a repository holds is run or followed. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import { runProcess, type ProcessEnd } from '@timeball/lib/run-process.ts'
import { findProgram } from '../find-program.ts'

export interface GitCall {
  readonly args: readonly string[]
  /** `fetch`: with the operator's own settings, for credentials; `read`: with none at all. */
  readonly use: 'fetch' | 'read'
  readonly protocols: string
  readonly stdin?: Uint8Array
  readonly timeoutMs?: number
}

/** What a commit may make this program hold. */
const maxBytes = 64 << 20

const safe = [
  ...['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.symlinks=false', 'gc.auto=0'],
  ...['maintenance.auto=false', 'fetch.recurseSubmodules=false', 'transfer.fsckObjects=true'],
  ...['submodule.recurse=false', 'fetch.writeCommitGraph=false', 'core.quotePath=false'],
  ...['gpg.program=/bin/false', 'gpg.openpgp.program=/bin/false', 'gpg.x509.program=/bin/false'],
].flatMap((each) => ['-c', each])

/** The failure is a sentence: what git said last. */
export async function runGit(
  folder: string,
  { args, use, protocols, stdin = new Uint8Array(), timeoutMs = 60_000 }: GitCall,
  signal: AbortSignal,
): Promise<Result<Buffer, string>> {
  if (findProgram(['git']) === null) return fail('git is not installed')
  const environment = [
    ...['GIT_CONFIG_NOSYSTEM=1', 'GIT_TERMINAL_PROMPT=0', 'GIT_NO_REPLACE_OBJECTS=1', 'LC_ALL=C'],
    ...['GIT_NO_LAZY_FETCH=1', `GIT_ALLOW_PROTOCOL=${protocols}`, 'GIT_OPTIONAL_LOCKS=0'],
    ...(use === 'read' ? ['GIT_CONFIG_GLOBAL=/dev/null'] : []),
  ]
  const unset = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE'].flatMap((name) => ['-u', name])
  const parts: Buffer[] = []
  let size = 0
  const end = await runProcess({
    file: 'env',
    args: [...unset, ...environment, 'git', '--git-dir', folder, ...safe, ...args],
    stdin,
    timeoutMs,
    signal,
    onStdout(chunk) {
      parts.push(chunk)
      size += chunk.length
      return size > maxBytes ? 'enough' : 'more'
    },
  })
  return end.kind === 'exited' && end.code === 0
    ? ok(Buffer.concat(parts))
    : fail(whyFailed(args[0] ?? '', end))
}

function whyFailed(command: string, { kind, stderr }: ProcessEnd): string {
  if (kind === 'enough') return 'it is larger than 64 MiB'
  if (kind !== 'exited') return `git ${command}: ${kind}`
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const said = lines.find((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? ''
  return printable(said.replace(/^(fatal|error): /, ''), 300) || `git ${command} failed`
}
