/** Host keys: what a host presents, and pinning it. Logging in is never part of it. */
import { createHash } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Failure } from '../../core/failure.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { RunProcess } from '@timeball/lib/run-process.ts'
import type { Target } from '../../ports/engine.ts'
import { classifySshEnd } from './classify-ssh-end.ts'
import { makePrivateFolder } from './control-folder.ts'
import { runSsh } from './run-ssh.ts'
import { keyScanArguments } from './ssh-arguments.ts'
import type { SshOptions } from './ssh-arguments.ts'

export interface HostKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string
  /** As ssh shows it: `SHA256:` and unpadded base64. */
  readonly fingerprint: string
  /** The line for a known_hosts file, under the name by which ssh looks the host up. */
  readonly line: string
}

interface ScanTools {
  readonly options: SshOptions
  readonly run: RunProcess
  readonly signal: AbortSignal
}

/**
 * Asks ssh itself instead of ssh-keyscan: it lets ssh pin the key into an empty temporary file and
 * then offers no way to log in. So the key is of the type that deliveries will meet, and jump
 * hosts, aliases and ports of the configuration count.
 */
export async function scanHostKey(
  target: Target,
  { options, run, signal }: ScanTools,
): Promise<Result<HostKey, Failure>> {
  const made = await makePrivateFolder(options.controlDirectory)
  if (!made.ok) return made
  const folder = await mkdtemp(join(options.controlDirectory, 'scan-'))
  try {
    const file = join(folder, 'known_hosts')
    const args = keyScanArguments(target, options, file)
    if (!args.ok) return fail({ code: 'unreachable', detail: printable(args.failure) })
    const end = await runSsh(run, folder, {
      args: [...args.value, 'exit'],
      stdin: new Uint8Array(),
      timeoutMs: (options.connectTimeoutSeconds + 5) * 1000,
      signal,
      onStdout: () => 'enough',
    })
    const found = parseKnownHostsLine(await readFile(file, 'utf8').catch(() => ''))
    if (found !== null) return ok(found)
    if (end.kind === 'timed-out')
      return fail({ code: 'timeout', detail: 'no host key came in time' })
    return fail(classifySshEnd({ ...end, begun: false }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The first plain line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export function parseKnownHostsLine(text: string): HostKey | null {
  const match = /^(?<line>[^\s#@|]\S* (?<type>[a-z0-9@.-]+) (?<key>[A-Za-z0-9+/]+=*))\s*$/mu.exec(
    text,
  )
  const { line, type, key } = match?.groups ?? {}
  if (line === undefined || type === undefined || key === undefined) return null
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64')
  return { type, fingerprint: `SHA256:${digest.replaceAll('=', '')}`, line }
}

/** Pins keys that a human has compared. The file is made when it is missing; nothing is removed. */
export async function pinHostKeys(file: string, keys: readonly HostKey[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const before = await readFile(file, 'utf8').catch(() => '')
  const separator = before === '' || before.endsWith('\n') ? '' : '\n'
  const added = keys.map(({ line }) => line).filter((line) => !before.split('\n').includes(line))
  if (added.length === 0) return
  await appendFile(file, `${separator}${added.join('\n')}\n`, { mode: 0o644 })
}

/** Without the folder ssh would not pin a new key, and go on all the same. */
export async function makeKnownHostsFolder(options: SshOptions): Promise<Result<null, Failure>> {
  const file = options.knownHostsFiles[0]
  if (options.hostKeys === 'strict' || file === undefined) return ok(null)
  try {
    await mkdir(dirname(file), { recursive: true })
    await appendFile(file, '')
    return ok(null)
  } catch (error) {
    const detail = `host keys cannot be pinned: ${error instanceof Error ? error.message : file}`
    return fail({ code: 'host-key-unknown', detail: printable(detail) })
  }
}
