/** A Docker that builds: that of this machine (or of `DOCKER_HOST`), or that of a device, over ssh. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepOutput } from '@timeball/lib/kept-output.ts'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import { targetOf } from '../app/link.ts'
import { quoteAll } from '../core/ask/shell-words.ts'
import type { Device } from '../core/device/device.ts'
import { mkdir } from '@timeball/lib/files.ts'
import { sshArguments } from '../engines/ssh/ssh-arguments.ts'
import { sshOptionsOf, type SshPlace } from '../engines/ssh/ssh-options.ts'
import { runTool } from './run-tool.ts'

/** Failures are the last lines of what was said. */
export interface BuildDocker {
  version(): Promise<Result<string, string>>
  /** `args` of `docker build`, without the context. */
  build(args: readonly string[], context: string): Promise<Result<string, string>>
  /** Writes what `docker save` does. */
  save(tag: string, archive: string): Promise<Result<string, string>>
  /** Its layers stay, so that the next build is quick. */
  forget(tag: string): Promise<void>
}

/** A Pi's worth of packages under emulation, on a slow machine. */
const buildTimeoutMs = 60 * 60_000
const versionArgs = ['version', '--format', '{{.Server.Version}}']

export const localDocker: BuildDocker = {
  version: () => tool('docker', versionArgs),
  build: (args, context) => tool('docker', ['build', ...args, context]),
  save: (tag, archive) => tool('docker', ['save', '--output', archive, tag]),
  async forget(tag) {
    await tool('docker', ['rmi', '--no-prune', tag])
  },
}

export async function tool(
  program: string,
  args: readonly string[],
): Promise<Result<string, string>> {
  const limits = { timeoutMs: buildTimeoutMs, environment: {} }
  const end = await runTool(tmpdir(), program, args, limits)
  if (end.kind === 'missing') return fail(`there is no ${program} on this machine`)
  return end.code === 0 ? ok(end.output) : fail(lastLines(end.output))
}

/** As root there, like everything else: by sudo without a password where the login is another user. */
export function deviceDocker(
  device: Device,
  place: SshPlace,
  signal: AbortSignal,
): Result<BuildDocker, string> {
  const options = sshOptionsOf(place)
  const args = sshArguments(targetOf(device), options, 'reuse')
  if (!args.ok) return args
  const remote = async (words: readonly string[], io: Pipes): Promise<Result<string, string>> => {
    await mkdir(options.controlDirectory, { recursive: true, mode: 0o700 })
    return await overSsh([...args.value, asRoot(words)], io, signal)
  }
  return ok({
    version: () => remote(versionArgs, {}),
    async build(words, context) {
      const packed = join(context, '..', 'context.tar')
      const tar = await tool('tar', ['-C', context, '-cf', packed, '.'])
      return tar.ok ? await remote(['build', ...words, '-'], { from: packed }) : tar
    },
    save: (tag, archive) => remote(['save', tag], { to: archive }),
    async forget(tag) {
      await remote(['rmi', '--no-prune', tag], {})
    },
  })
}

function asRoot(words: readonly string[]): string {
  const command = quoteAll(['docker', ...words])
  return `if [ "$(id -u)" = 0 ]; then ${command}; else sudo -n ${command}; fi`
}

interface Pipes {
  /** A file that it reads; absent: nothing. */
  readonly from?: string
  /** A file that gets its output; absent: the output is kept. */
  readonly to?: string
}

const mostOutputBytes = 256 * 1024

async function overSsh(
  args: readonly string[],
  { from, to }: Pipes,
  signal: AbortSignal,
): Promise<Result<string, string>> {
  const kept = keepOutput(mostOutputBytes)
  const file = to === undefined ? null : await open(to, 'w')
  let trouble: string | null = null
  const take = async (chunk: Buffer): Promise<'more' | 'enough'> => {
    try {
      if (file === null) kept.push(chunk)
      else await file.writeFile(chunk)
      return 'more'
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error)
      return 'enough'
    }
  }
  const end = await runProcess({
    ...{ file: 'ssh', args, timeoutMs: buildTimeoutMs, signal, onStdout: take },
    stdin: from === undefined ? Buffer.alloc(0) : createReadStream(from),
  })
  await file?.close()
  if (trouble !== null) return fail(trouble)
  if (end.kind === 'exited' && end.code === 0) return ok(kept.text().trim())
  if (signal.aborted) return fail('interrupted')
  return fail(lastLines(`${kept.text()}\n${end.stderr}`) || `ssh: ${end.kind}`)
}

function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines
    .slice(-8)
    .map((line) => printable(line))
    .join('\n    ')
}
