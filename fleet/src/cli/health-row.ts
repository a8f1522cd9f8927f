/** A device in the records of `health` and `status`. */
import { lastOf, type BackupMemory } from '../core/backup/memory.ts'
import { healthRecord } from '../core/health/json.ts'
import type { HealthVerdict } from '../core/health/verdict.ts'

/** What a device is, and when it could last be had back. */
export function healthRow(verdict: HealthVerdict, memory: BackupMemory) {
  const { device } = verdict
  return { type: 'health', ...healthRecord(verdict), ...lastOf(memory, device) } as const
}
