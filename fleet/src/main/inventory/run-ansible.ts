/** Runs the programs of the installed Ansible. */
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { keepOutput } from '@timeball/lib/kept-output.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import { findProgram } from '../find-program.ts'

export interface AnsibleSources {
  /** As after each `-i`. */
  readonly sources: readonly string[]
  readonly passwordFiles: readonly string[]
}

const timeoutMs = 120_000
const mostBytes = 64 * 1024 * 1024

/** The standard output of a run. The failure names the sources. */
export async function runAnsible(
  program: 'ansible' | 'ansible-inventory',
  { sources, passwordFiles }: AnsibleSources,
  args: readonly string[],
): Promise<Result<string, Problem>> {
  const file = sources.join(', ')
  const refuse = (what: string, fix: string | null): Result<never, Problem> =>
    fail({ file, line: null, column: null, what, fix })
  if (findProgram([program]) === null) {
    return refuse(
      `only Ansible can read it, and ${program} is not installed`,
      'Install ansible-core',
    )
  }
  const kept = keepOutput(mostBytes)
  const end = await runProcess({
    file: 'env',
    args: [
      ...['ANSIBLE_NOCOLOR=1', 'ANSIBLE_LOCALHOST_WARNING=False', program],
      ...sources.flatMap((source) => ['-i', source]),
      ...passwordFiles.flatMap((each) => ['--vault-password-file', each]),
      ...['--playbook-dir', '.'],
      ...args,
    ],
    stdin: new Uint8Array(),
    timeoutMs,
    signal: new AbortController().signal,
    onStdout: (chunk) => (kept.push(chunk) ? 'more' : 'enough'),
  })
  // A source that cannot be read is only a warning to Ansible.
  const complaint = /(?:Failed to parse|Unable to parse|ERROR!)[^\n]*(?:\n(?!\[)[^\n]*)*/.exec(
    end.stderr,
  )
  if (end.kind !== 'exited' || complaint !== null) {
    return refuse(`${program}: ${complaint?.[0] ?? end.kind}`, 'Try it by hand')
  }
  return ok(kept.text())
}
