/** The host keys of a device in the fleet's known_hosts are marked as revoked. */
import { pinnedKeys, revokeHost } from '../../core/access/known-hosts.ts'
import type { Device } from '../../core/device/device.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { readKnownHosts, writeKnownHosts } from '../access/known-hosts-file.ts'
import type { Context, LoadedFleet } from '../context.ts'

/** How many were. */
export async function revokeHostKeys(
  context: Context,
  loaded: LoadedFleet,
  { address, sshPort }: Device,
): Promise<Result<number, Problem>> {
  const text = await readKnownHosts(context, loaded)
  const count = pinnedKeys(text, address, sshPort)
  if (count === 0) return ok(0)
  const problem = await writeKnownHosts(context, loaded, revokeHost(text, address, sshPort))
  return problem === null ? ok(count) : fail(problem)
}
