/** A person's own session on a device: the terminal is handed to ssh(1). */
import { spawn } from 'node:child_process'
import { mkdir } from '@timeball/lib/files.ts'
import type { Device } from '../core/device/device.ts'
import { targetOf } from '../app/link.ts'
import { sshOptionsOf, type SshPlace } from '../engines/ssh/ssh-options.ts'
import { sessionArguments } from '../engines/ssh/ssh-arguments.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'

/** ssh's exit code: of the command, or of the shell; 255 when it got nowhere. */
export async function login(
  device: Device,
  command: string | null,
  place: SshPlace,
): Promise<Result<number, string>> {
  const options = sshOptionsOf(place)
  const args = sessionArguments(targetOf(device), options)
  if (!args.ok) return args
  await mkdir(options.controlDirectory, { recursive: true, mode: 0o700 })
  const words = command === null ? args.value : [...args.value, command]
  return await new Promise((resolve) => {
    const child = spawn('ssh', words, { stdio: 'inherit' })
    child.once('error', (error) => resolve(fail(error.message)))
    child.once('exit', (code) => resolve(ok(code ?? 255)))
  })
}
