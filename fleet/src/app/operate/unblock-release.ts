/** Takes the block from a release that was rolled back. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { BlockedRelease } from '../../core/rollout/blocked-release.ts'
import type { BlockedReleases } from '../../ports/rollout-store.ts'

/** Not one release, but none or several of those that are blocked. */
export interface NotOne {
  readonly meant: number
  readonly blocked: readonly BlockedRelease[]
}

/** `named`: see `isNamed`; without it the only one that is blocked. */
export async function unblockRelease(
  store: BlockedReleases,
  named: string | undefined,
): Promise<Result<BlockedRelease, NotOne>> {
  const blocked = await store.blocked()
  const chosen = blocked.filter((each) => named === undefined || isNamed(each, named))
  const [only] = chosen
  if (only === undefined || chosen.length > 1) return fail({ meant: chosen.length, blocked })
  await store.unblock(only.digest)
  return ok(only)
}

/** By digest, by image with its digest, or by the rollout that was rolled back; beginnings suffice. */
function isNamed({ digest, image, rollout }: BlockedRelease, named: string): boolean {
  return (
    digest.startsWith(named) || image === named || image.endsWith(`@${named}`) || rollout === named
  )
}
