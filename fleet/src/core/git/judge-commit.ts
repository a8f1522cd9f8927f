/** Whether a commit that was fetched may become the desired state, before its content is looked at. */
import type { GitSettings } from './settings.ts'

/** Of the newest commit to the one that runs; `apart`: neither comes after the other. */
export type Relation = 'same' | 'ahead' | 'behind' | 'apart'

export type Signature =
  | { readonly kind: 'signed'; readonly by: string }
  | { readonly kind: 'not-signed'; readonly why: string }

export interface FetchedCommit {
  /** `null`: no commit runs yet. */
  readonly relation: Relation | null
  /** `null`: nobody asks. */
  readonly signature: Signature | null
}

/** `null`: it may; else why not. */
export function whyRefused(
  { relation, signature }: FetchedCommit,
  { allow_rollback: mayGoBack, allowed_signers: signers }: GitSettings,
): string | null {
  if (signers !== undefined && signature?.kind !== 'signed') {
    return signature === null ? 'its signature was not looked at' : signature.why
  }
  if (mayGoBack) return null
  if (relation === 'behind') {
    return 'rollback of desired state: it comes before the commit that runs'
  }
  if (relation === 'apart') {
    return 'rollback of desired state: the branch was written anew, without the commit that runs'
  }
  return null
}
