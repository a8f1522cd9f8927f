/** A verdict as the plain record of `--json`, the API and MCP. */
import type { HealthVerdict } from './verdict.ts'

/** The keys are a contract: they are only ever added to. `null` is "not known". */
export interface HealthRecord {
  readonly device: string
  readonly role: string
  readonly verdict: string
  readonly reasons: readonly {
    readonly check: string
    readonly level: string
    readonly text: string
  }[]
  readonly http_status: number | null
  readonly ntp_synced: boolean | null
  readonly stratum: number | null
  readonly refid: string | null
  readonly leap: number | null
  readonly reach: number | null
  /** As the server says, to its own reference. */
  readonly offset_ms: number | null
  /** Server's clock against the clock of the machine that asked. */
  readonly measured_offset_seconds: number | null
  readonly measured_error_seconds: number | null
  readonly disk_used_percent: number | null
  readonly container: string | null
  readonly generation: number | null
  readonly drift: readonly string[] | null
}

export function healthRecord(verdict: HealthVerdict): HealthRecord {
  return {
    device: verdict.device,
    role: verdict.role,
    verdict: verdict.verdict,
    reasons: verdict.reasons.map(({ check, level, text }) => ({ check, level, text })),
    http_status: verdict.httpStatus,
    ntp_synced: verdict.ntp.isSynced,
    stratum: verdict.ntp.stratum,
    refid: verdict.ntp.refid,
    leap: verdict.ntp.leap,
    reach: verdict.ntp.reach,
    offset_ms: verdict.ntp.offsetMs,
    measured_offset_seconds: verdict.measured?.offsetSeconds ?? null,
    measured_error_seconds: verdict.measured?.errorSeconds ?? null,
    disk_used_percent: verdict.diskUsedPercent,
    container: verdict.container,
    generation: verdict.generation,
    drift: verdict.drift,
  }
}
