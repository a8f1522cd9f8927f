/** Rollouts as the plain records of `--json`, the API and MCP. Keys are only ever added to. */
import type { RolloutEvent } from '../event.ts'
import type { BlockedRelease } from '../blocked-release.ts'
import type { Release } from '../plan.ts'
import type { DeviceState, RolloutState } from '../state.ts'
import type { RolloutSummary } from '../summary.ts'
import { soakLeftMs } from './device-rows.ts'
import type { StatusLook } from './status-view.ts'
import { progressOfWaves } from './waves.ts'

type JsonRecord = Readonly<Record<string, unknown>>

/** `null` is "not known" or "not yet". */
export function statusRecord(state: RolloutState, { nowMs, outlook }: StatusLook) {
  const { started, startedMs, status, devices } = state
  const blocked = new Map(Object.entries(outlook?.blocked ?? {}))
  return {
    rollout: started.rollout,
    fleet: started.fleet,
    by: started.by,
    why: started.why,
    ...releaseFields(started.release),
    started_unix_ms: startedMs,
    elapsed_seconds: Math.max(0, nowMs - startedMs) / 1000,
    status: status.kind,
    status_why: status.kind === 'running' ? null : status.why,
    awaits: status.kind === 'paused' ? status.awaits : null,
    scope: status.kind === 'rolling-back' ? status.scope : null,
    result: status.kind === 'ended' ? status.result : null,
    release_blocked: state.isBlocked,
    frozen: outlook?.freeze ?? null,
    waves: progressOfWaves(state).map(({ inProgress, ...wave }) => ({
      ...wave,
      in_progress: inProgress,
    })),
    devices: [...devices.values()].map((device) => ({
      ...deviceRecord(device, state, nowMs),
      time: outlook?.times[device.device] ?? null,
      blocked: blocked.get(device.device) ?? null,
    })),
    allow_quorum_loss: started.allowQuorumLoss,
    override_freeze: started.overrideFreeze,
  }
}

function releaseFields({ image, imageAsWritten, kind, digest }: Release) {
  return { image, image_as_written: imageAsWritten, kind, digest }
}

function deviceRecord(device: DeviceState, state: RolloutState, nowMs: number) {
  const soakMs = soakLeftMs(device, state, nowMs)
  return {
    device: device.device,
    wave: device.wave,
    phase: device.phase,
    since_unix_ms: device.sinceMs,
    gate: device.gate,
    soak_left_seconds: soakMs === null ? null : soakMs / 1000,
    generation_before: device.before,
    generation_after: device.after,
    generation_returned: device.returnedAs,
    downtime_seconds: device.downtimeSeconds,
    settled_seconds: device.settledSeconds,
    counted: device.counted,
    why: device.detail,
  }
}

export interface EventRecord extends JsonRecord {
  readonly event: RolloutEvent['type']
  readonly at_unix_ms: number
}

/** An event with the keys of the journal in snake_case; of `started` only what is not the plan. */
export function eventRecord(event: RolloutEvent): EventRecord {
  if (event.type !== 'started') {
    const { type, atUnixMs, ...fields } = event
    return { ...snakeKeys(fields), event: type, at_unix_ms: atUnixMs }
  }
  const { type, atUnixMs, rollout, fleet, by, why, release, plan } = event
  const devices = plan.waves.map((wave) => ({ kind: wave.kind, devices: wave.devices }))
  const what = { rollout, fleet, by, why, ...releaseFields(release), waves: devices }
  return { event: type, at_unix_ms: atUnixMs, ...what, left_alone: plan.leftAlone }
}

function snakeKeys(fields: JsonRecord): JsonRecord {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}

export function summaryRecord({
  startedUnixMs,
  changedUnixMs,
  imageAsWritten,
  ...summary
}: RolloutSummary) {
  return {
    ...summary,
    started_unix_ms: startedUnixMs,
    changed_unix_ms: changedUnixMs,
    image_as_written: imageAsWritten,
  }
}

export function blockedRecord({ atUnixMs, ...blocked }: BlockedRelease) {
  return { ...blocked, at_unix_ms: atUnixMs }
}
