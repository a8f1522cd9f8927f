/** What is known of the GPS receiver. Pure. What cannot be known is said to be so, with the reason. */
import type { GpsdView } from '@timeball/clock/gpsd/client.ts'
import type { FixMode, PulseReport } from '@timeball/clock/gpsd/report.ts'
import type { GpsdState, Heard } from '@timeball/clock/gpsd/state.ts'

/**
 * `disabled`: this device has no receiver. `unknown`: gpsd does not tell. `no-device`: gpsd has no
 * receiver. `silent`: the receiver says nothing. `no-fix`: it has no fix now. `fix`: it has one.
 */
export type GpsState = 'disabled' | 'unknown' | 'no-device' | 'silent' | 'no-fix' | 'fix'

/** `null` is "not told". Ages are in seconds. Where the receiver is, is never told. */
export interface GpsStatus {
  readonly state: GpsState
  /** Why there is no fix, or why that is not known; `null` with a fix. */
  readonly reason: string | null
  /** gpsd answered before and no longer does: a loss, and not just a lack of monitoring. */
  readonly isLost: boolean
  readonly gpsdRelease: string | null
  readonly device: string | null
  readonly driver: string | null
  readonly mode: FixMode | null
  /** The receiver's time of its last fix, ISO 8601. */
  readonly time: string | null
  readonly fixAgeSeconds: number | null
  readonly leapSeconds: number | null
  readonly satellitesUsed: number | null
  readonly satellitesSeen: number | null
  readonly meanSignalDbHz: number | null
  readonly dop: Readonly<Record<'horizontal' | 'vertical' | 'position' | 'time', number | null>>
  readonly pulse: Pulse | null
  /** By the arrival of the serial message: its latency included. */
  readonly serial: Pulse | null
}

/** Clock minus receiver at one second. */
export interface Pulse {
  readonly offsetNs: number
  readonly ageSeconds: number
}

/** gpsd tells a fix every second; after this it is old. */
const maxSilenceSeconds = 5

const untold: Omit<GpsStatus, 'state' | 'reason'> = {
  isLost: false,
  gpsdRelease: null,
  device: null,
  driver: null,
  mode: null,
  time: null,
  fixAgeSeconds: null,
  leapSeconds: null,
  satellitesUsed: null,
  satellitesSeen: null,
  meanSignalDbHz: null,
  dop: { horizontal: null, vertical: null, position: null, time: null },
  pulse: null,
  serial: null,
}

/** A device without a receiver. */
export const noGps: GpsStatus = {
  ...untold,
  state: 'disabled',
  reason: 'ENABLE_GPS is not set: this device follows servers on the network',
}

/** Decides from what gpsd has said; `nowMs` is on the clock that stamped it. */
export function decideGpsStatus(view: GpsdView, nowMs: number): GpsStatus {
  const { state } = view
  const fixAgeSeconds = ageOf(state.fix, nowMs)
  if (!view.isConnected) {
    const reason = `gpsd does not answer: ${view.failure ?? 'not connected'}`
    return { ...untold, state: 'unknown', reason, isLost: view.wasConnected, fixAgeSeconds }
  }
  const tpvAge = ageOf(state.tpv, nowMs)
  const isFresh = tpvAge !== null && tpvAge <= maxSilenceSeconds
  const mode = isFresh ? (state.tpv?.report.mode ?? null) : null
  return {
    ...untold,
    ...judge(state.devices.length > 0, mode, tpvAge),
    ...receiverOf(state),
    ...(isFresh ? skyOf(state) : {}),
    mode,
    fixAgeSeconds,
    pulse: pulseOf(state.pps, ageOf(state.pps, nowMs)),
    serial: pulseOf(state.toff, ageOf(state.toff, nowMs)),
  }
}

function ageOf(heard: Heard<unknown> | null, nowMs: number): number | null {
  return heard === null ? null : Math.max(0, (nowMs - heard.atMs) / 1000)
}

type Receiver = Pick<GpsStatus, 'gpsdRelease' | 'device' | 'driver' | 'leapSeconds'>

function receiverOf(state: GpsdState): Receiver {
  const [device = null] = state.devices
  return {
    gpsdRelease: state.release,
    device: state.tpv?.report.device ?? device?.path ?? null,
    driver: device?.driver ?? null,
    leapSeconds: state.fix?.report.leapSeconds ?? null,
  }
}

type Sky = Pick<GpsStatus, 'time' | 'satellitesUsed' | 'satellitesSeen' | 'meanSignalDbHz' | 'dop'>

function skyOf({ fix, sky }: GpsdState): Sky {
  return {
    time: fix?.report.time ?? null,
    satellitesUsed: sky?.report.used ?? null,
    satellitesSeen: sky?.report.seen ?? null,
    meanSignalDbHz: sky?.report.meanSignalDbHz ?? null,
    dop: sky?.report.dop ?? untold.dop,
  }
}

function judge(
  hasDevice: boolean,
  mode: FixMode | null,
  tpvAge: number | null,
): { readonly state: GpsState; readonly reason: string | null } {
  if (mode !== null && mode >= 2) return { state: 'fix', reason: null }
  if (mode !== null) return { state: 'no-fix', reason: 'the receiver has no fix' }
  if (!hasDevice && tpvAge === null) return { state: 'no-device', reason: 'gpsd has no receiver' }
  const since = tpvAge === null ? '' : ` for ${Math.round(tpvAge)} s`
  return { state: 'silent', reason: `the receiver says nothing${since}` }
}

function pulseOf(heard: Heard<PulseReport> | null, ageSeconds: number | null): Pulse | null {
  if (heard === null || ageSeconds === null || ageSeconds > maxSilenceSeconds) return null
  return { offsetNs: heard.report.offsetNs, ageSeconds }
}
