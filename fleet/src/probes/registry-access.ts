/** How a registry may be asked, and the words for not getting an answer. */
import { printable } from '@timeball/lib/printable.ts'
import type { HttpAnswer } from './ask-http.ts'

export interface Credentials {
  /** For people, where the password is an identity token. */
  readonly user: string
  readonly password: string
  /** Whether it is only good to get tokens with (OAuth 2's refresh token), as some clouds' logins keep. */
  readonly kind?: 'identity token'
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

/** `Retry-After` in seconds, or as a date, of which nothing is computed (RFC 9110 section 10.2.3). */
export function waitOf(headers: HttpAnswer['headers']): string {
  const after = headers.get('retry-after') ?? ''
  const text = 'had too many requests (HTTP 429)'
  if (/^\d{1,6}$/.test(after)) return `${text}: again in ${after} s`
  return after === '' ? `${text}: again later` : `${text}: again after ${printable(after, 40)}`
}
