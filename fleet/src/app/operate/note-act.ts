/** An act of this process in the audit log. */
import type { LeaseOwner } from '../../core/rollout/lease.ts'
import type { AuditLog } from '../../ports/access-store.ts'
import type { Noted } from './audited-store.ts'

/** Who acts, and from which process. */
export interface Actor {
  readonly operator: string
  readonly self: LeaseOwner
  nowUnixMs(): number
}

export async function noteBy(
  actor: Actor,
  log: AuditLog,
  { who = actor.operator, ...noted }: Noted,
): Promise<void> {
  const from = `process ${actor.self.pid} on ${actor.self.host}`
  await log.append({ ...noted, who, from, atUnixMs: actor.nowUnixMs() })
}
