/** The records of `token` and `audit`. */
import { z } from 'zod'
import { roles } from '../../core/controller/roles.ts'
import type { Token } from '../../core/controller/token.ts'
import { unixMs } from './parts.ts'

export const token = z
  .strictObject({
    type: z.literal('token'),
    name: z.string(),
    role: z.enum(roles),
    created_unix_ms: unixMs,
    created_by: z.string(),
    expires_unix_ms: unixMs,
    used_unix_ms: unixMs.nullable().describe('To the minute; null: never.'),
    token: z.string().optional().describe('Told once, when it is made.'),
  })
  .describe('A token for the API of the controller (token create, list, revoke).')

export type TokenRecord = z.output<typeof token>

export function tokenRecord(found: Token): TokenRecord {
  return {
    type: 'token',
    name: found.name,
    role: found.role,
    created_unix_ms: found.createdUnixMs,
    created_by: found.createdBy,
    expires_unix_ms: found.expiresUnixMs,
    used_unix_ms: found.usedUnixMs,
  }
}

export const auditLine = z
  .strictObject({
    type: z.literal('audit_line'),
    seq: z.number().int(),
    at_unix_ms: unixMs,
    who: z.string().describe('An operator, or the name of a token.'),
    from: z.string().describe('A process, `socket`, or an address.'),
    action: z.string().describe('Such as fleet.claim, rollout.pause, token.create.'),
    what: z.string().describe('What it was done to.'),
    result: z.string(),
    before: z.string().describe('The hash of the line before; zeros before the first.'),
    hash: z.string().describe('SHA-256 of the other keys, as JSON in this order.'),
  })
  .describe('A line of the audit log (audit list).')
