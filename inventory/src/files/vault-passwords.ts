/** Passwords for Ansible Vault from files, as `--vault-password-file` names them. */
import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { type RunProcess, runProcess } from '@timeball/lib/run-process.ts'
import type { VaultPassword } from '../vault/vault.ts'
import { readText } from './read-text.ts'

export interface PasswordRequest {
  readonly files: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether a file that can be executed may be: Ansible takes what it prints. */
  readonly programs: 'run' | 'refuse'
}

/** Those of the files, then those of Ansible's own variables of the environment. */
export async function readVaultPasswords(
  request: PasswordRequest,
  run: RunProcess = runProcess,
): Promise<Result<readonly VaultPassword[], readonly Problem[]>> {
  const named = request.files.map((file) => ({ id: 'default', file }))
  const sources = [...named, ...environmentSources(request.environment)]
  const passwords: VaultPassword[] = []
  const problems: Problem[] = []
  for (const { id, file } of sources) {
    const password = await readPassword(expandHome(file), request, run)
    if (password.ok) passwords.push({ id, password: password.value })
    else problems.push(password.failure)
  }
  return problems.length > 0 ? fail(problems) : ok(passwords)
}

interface PasswordSource {
  readonly id: string
  readonly file: string
}

/** `ANSIBLE_VAULT_IDENTITY_LIST` is `id@file, id@file`. */
function environmentSources(environment: PasswordRequest['environment']): PasswordSource[] {
  const list = (environment['ANSIBLE_VAULT_IDENTITY_LIST'] ?? '').split(',')
  const identities = list.flatMap((entry) => {
    const [id = '', file] = entry.trim().split('@')
    return id === '' ? [] : [file === undefined ? { id: 'default', file: id } : { id, file }]
  })
  const single = environment['ANSIBLE_VAULT_PASSWORD_FILE'] ?? ''
  return single === '' ? identities : [...identities, { id: 'default', file: single }]
}

function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}

type Read = Promise<Result<Uint8Array, Problem>>

async function readPassword(path: string, { programs }: PasswordRequest, run: RunProcess): Read {
  const file = readText(path)
  if (!file.ok)
    return fail({ ...file.failure, fix: 'Name the file with the password of the vault' })
  if (!(await isExecutable(path))) return asPassword(path, file.value.text)
  if (programs === 'run') return runPassword(path, run)
  const fix = 'Make it a file that cannot be executed'
  return refuse(path, 'this is a program, and programs are not run here', fix)
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

const timeoutMs = 60_000
const mostBytes = 64 * 1024

async function runPassword(path: string, run: RunProcess): Read {
  const chunks: Buffer[] = []
  const end = await run({
    file: resolve(path),
    args: [],
    stdin: new Uint8Array(),
    timeoutMs,
    signal: new AbortController().signal,
    onStdout(chunk) {
      chunks.push(chunk)
      return chunks.reduce((total, each) => total + each.length, 0) > mostBytes ? 'enough' : 'more'
    },
  })
  if (end.kind === 'exited' && end.code === 0) {
    return asPassword(path, Buffer.concat(chunks).toString('utf8'))
  }
  const how = end.kind === 'exited' ? `ended with ${end.code}` : `did not end well (${end.kind})`
  return refuse(path, `the program that prints the password ${how}`, null)
}

/** Ansible strips blanks around the text of a file, and line breaks around that of a program. */
function asPassword(path: string, text: string): Result<Uint8Array, Problem> {
  const password = text.trim()
  if (password !== '') return ok(new TextEncoder().encode(password))
  return refuse(path, 'the password of the vault is empty', null)
}

function refuse(file: string, what: string, fix: string | null): Result<never, Problem> {
  return fail({ file, line: null, column: null, what, fix })
}
