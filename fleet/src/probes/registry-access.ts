/** How a registry may be asked, and the words for not getting an answer. */

export interface Credentials {
  readonly user: string
  readonly password: string
}

export interface RegistryAccess {
  /** For a registry without TLS, such as one on loopback. */
  readonly plainHttp: boolean
  /** `null`: anonymous. */
  readonly credentials: Credentials | null
  /** For the whole question, the fetching of a token included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * - `bad-reference`: the name of the image is not one
 * - `unreachable`: no connection, no trust in its certificate, or no answer in time
 * - `unauthorized`: credentials are wanted, or not enough; Docker Hub says so of missing images too
 * - `protocol`: it answers, but not as a registry
 */
export type RegistryFailureCode =
  | 'bad-reference'
  | 'unreachable'
  | 'unauthorized'
  | 'not-found'
  | 'rate-limited'
  | 'protocol'
  | 'aborted'

/** `detail` is printable and names the registry. */
export interface RegistryFailure {
  readonly code: RegistryFailureCode
  readonly detail: string
}
