/** Who may ask the controller, and who changed what: on the machine from which it is done. */
import type { AuditEntry, AuditHead, AuditLine } from '../core/controller/audit.ts'
import type { Token } from '../core/controller/token.ts'

export interface Tokens {
  /** By name. */
  tokens(): Promise<readonly Token[]>
  /** `false`: there is one of this name. */
  addToken(token: Token): Promise<boolean>
  /** `false`: there was none. */
  removeToken(name: string): Promise<boolean>
  noteUse(name: string, atUnixMs: number): Promise<void>
}

/** All methods reject when the disk fails: what cannot be remembered must not be done. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<AuditLine>
  /** As they are kept, in order, behind `after`; of the newest without it. At most `most`. */
  lines(query: { readonly after?: number; readonly most?: number }): Promise<readonly string[]>
  /** Of the newest line, as it is noted beside the log; `null`: nothing was noted. */
  noted(): Promise<AuditHead | null>
}

export interface AccessStore extends Tokens, AuditLog {
  close(): Promise<void>
}
