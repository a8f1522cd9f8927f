/** What a host presents, asked with ssh(1) itself. */
import { targetOf } from '../app/link.ts'
import type { Device } from '../core/device/device.ts'
import type { Failure } from '../core/failure.ts'
import { scanHostKey, type HostKey } from '../engines/ssh/host-keys.ts'
import { sshOptionsOf, type SshPlace } from '../engines/ssh/ssh-options.ts'
import type { Result } from '@timeball/lib/result.ts'
import { runProcess } from '@timeball/lib/run-process.ts'

export function presentedHostKey(
  device: Device,
  place: SshPlace,
  signal: AbortSignal,
): Promise<Result<HostKey, Failure>> {
  return scanHostKey(targetOf(device), { options: sshOptionsOf(place), run: runProcess, signal })
}
