/** The host keys of a device in the fleet's known_hosts are marked as revoked. */
import { pinnedKeys, revokeHost } from '../../core/keys/host-revocation.ts'
import type { Device } from '../../core/device/device.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, LoadedFleet } from '../context.ts'

/** How many were. */
export async function revokeHostKeys(
  context: Context,
  { fleet, stateFolder }: LoadedFleet,
  { address, sshPort }: Device,
): Promise<Result<number, Problem>> {
  const path = fleet.settings.ssh.known_hosts ?? `${stateFolder}/known_hosts`
  const text = await context.readText(path)
  if (!text.ok) return ok(0)
  const count = pinnedKeys(text.value, address, sshPort)
  if (count === 0) return ok(0)
  const failure = await context.writeFile(path, revokeHost(text.value, address, sshPort))
  return failure === null ? ok(count) : fail(failure.problem)
}
