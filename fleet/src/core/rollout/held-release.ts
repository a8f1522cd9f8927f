/** A release that was rolled back: nothing applies it again until somebody lifts it. */
export interface HeldRelease {
  /** Over the desired states of all devices, as in `Release`. */
  readonly digest: string
  /** By digest. */
  readonly image: string
  /** The rollout that went back. */
  readonly rollout: string
  readonly why: string
  readonly atUnixMs: number
}
