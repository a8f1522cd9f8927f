import type { Release } from './plan.ts'

/** A release that was rolled back: nothing applies it again until somebody unblocks it. */
export interface BlockedRelease {
  /** Over the desired states of all devices, as in `Release`. */
  readonly digest: string
  /** By digest. */
  readonly image: string
  /** The rollout that was rolled back. */
  readonly rollout: string
  readonly why: string
  readonly atUnixMs: number
}

/** What somebody wants to apply: the image by digest, and digests of the desired states by device. */
export interface WantedRelease {
  readonly image: string
  readonly states: ReadonlyMap<string, string>
}

/**
 * Whether the wanted release is the one that is blocked. After a rollout of another image it is the
 * image that counts; after one of a configuration, the state of any device. `release`: what the
 * rollout moved; `null` where its journal has gone.
 */
export function isBlocked(
  blocked: BlockedRelease,
  release: Release | null,
  wanted: WantedRelease,
): boolean {
  if (release === null || release.kind === 'image') return blocked.image === wanted.image
  return [...wanted.states].some(([device, state]) => release.states[device] === state)
}
