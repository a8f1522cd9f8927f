/** The file of `ssh -F`, as far as it can weaken a connection or run something on this machine. */
import type { Problem } from '@timeball/lib/problem.ts'
import type { SourceFile } from '../yaml/source.ts'
import { splitOption, sshOption } from './ssh-options.ts'

export interface SshConfig {
  /** `ProxyCommand`, `Match exec` and `Include`: what runs here, or may say more than is seen. */
  readonly programs: readonly Problem[]
  /** Options that are not allowed. */
  readonly problems: readonly Problem[]
}

/** What a file may say besides; the address, port and user come from the inventory. */
const plain = new Set(['host', 'hostname', 'port', 'user', 'ignoreunknown', 'sendenv', 'setenv'])

export function readSshConfig({ path, text }: SourceFile): SshConfig {
  const programs: Problem[] = []
  const problems: Problem[] = []
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.trim()
    if (line === '' || line.startsWith('#')) continue
    const at = { file: path, line: index + 1, column: written.indexOf(line) + 1 }
    const option = splitOption(line)
    const name = option?.name ?? line
    const program = option === null ? null : programOf(option)
    if (program !== null) programs.push({ ...at, what: program, fix: null })
    else if (!plain.has(name.toLowerCase()) && name.toLowerCase() !== 'match') {
      const meaning = sshOption(name)
      if (meaning.kind === 'refused') {
        const what = `the ssh option ${name} is not allowed in a file that the inventory names`
        problems.push({ ...at, what, fix: 'Leave it out' })
      }
    }
  }
  return { programs, problems }
}

function programOf({ name, value }: { name: string; value: string }): string | null {
  const word = name.toLowerCase()
  if (word === 'include') return `Include ${value}`
  if (word === 'match') return /\bexec\b/i.test(value) ? `Match ${value}` : null
  return sshOption(name).kind === 'program' && value !== 'none' ? `${name} ${value}` : null
}
