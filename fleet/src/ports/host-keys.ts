/** The keys by which devices prove that they are themselves. */
import type { Result } from '@timeball/lib/result.ts'
import type { Failure } from '../core/failure.ts'
import type { Target } from './engine.ts'

export interface PresentedKey {
  /** As ssh shows it: `SHA256:…`. */
  readonly fingerprint: string
  /** Of a known_hosts file, with the name by which ssh looks the host up. */
  readonly line: string
}

export interface HostKeys {
  /** That a host presents now. Logs in nowhere. */
  presented(target: Target, signal: AbortSignal): Promise<Result<PresentedKey, Failure>>
  /**
   * From now on these count for the host of `line`, and no others: `TYPE BASE64` each. The failure is
   * a sentence.
   */
  replace(line: string, keys: readonly string[]): Promise<Result<null, string>>
}
