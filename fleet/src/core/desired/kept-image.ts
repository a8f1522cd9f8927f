/** An image that is kept beside a fleet. */

/** A name, and what it means. */
export interface KeptImage {
  /** Such as `localhost/mcp-utc-time-server:0.1.0`. */
  readonly name: string
  readonly digest: string
  readonly createdUnixMs: number | null
  /** Of all that a device could have to fetch, compressed, all platforms together. */
  readonly sizeBytes: number
  /** Such as `linux/arm64`. */
  readonly platforms: readonly string[]
}
