/** What a rollout is about to do, as plain data: it is shown by `--dry-run`, and kept in the journal. */

/** What is moved: an image by digest, and the desired states that come with it. */
export interface Release {
  /** By digest. */
  readonly image: string
  /** As the operator wrote it. */
  readonly imageAsWritten: string
  /** What `fleet.yaml` said meanwhile, as written; `null`: this image. */
  readonly insteadOf: string | null
  /** `image`: another image; `configuration`: the same image, other files or packages. */
  readonly kind: 'image' | 'configuration'
  /** Over the desired states of all devices: the name under which a release is blocked. */
  readonly digest: string
  /** Digest of the desired state of each device of the rollout. */
  readonly states: Readonly<Record<string, string>>
}

/** Why a device is where it is in the waves, and what its neighbours are. */
export interface Member {
  readonly device: string
  readonly role: 'stratum1' | 'stratum2'
  readonly site: string | null
  /** Members of the fleet that it follows, by name; also those that are no part of this rollout. */
  readonly upstreams: readonly string[]
  /** Whether it also follows servers outside the fleet, which are not ours to measure. */
  readonly hasOutsideSources: boolean
}

/** A set of servers of which some must give good time at every instant. */
export interface QuorumSet {
  readonly name: string
  /** Also devices that are no part of this rollout. */
  readonly members: readonly string[]
  readonly minGood: number
}

export interface Wave {
  /** `kept`: stays a release behind until it is promoted. */
  readonly kind: 'canary' | 'wave' | 'held-back'
  readonly devices: readonly string[]
}

export interface RolloutPlan {
  readonly waves: readonly Wave[]
  /** By device: one printable phrase. */
  readonly why: Readonly<Record<string, string>>
  /** All devices of the fleet: those that do not move are neighbours of those that do. */
  readonly members: readonly Member[]
  readonly quorum: readonly QuorumSet[]
  /** Selected devices that the rollout leaves alone, each with its reason, such as "up to date". */
  readonly leftAlone: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}
