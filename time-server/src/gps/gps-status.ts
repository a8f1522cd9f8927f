/** What is known of the GPS receiver. Pure. What cannot be known is said to be so, with the reason. */
import type { GpsdView } from '@timeball/clock/gpsd/client.ts'
import type { FixMode, PulseReport } from '@timeball/clock/gpsd/report.ts'
import type { DeviceHeard, GpsdState, Heard } from '@timeball/clock/gpsd/state.ts'
import { silentDevice } from '@timeball/clock/gpsd/state.ts'
import { whyNoGoodFix } from './good-fix.ts'
import type { Moment } from './good-fix.ts'

/**
 * `disabled`: this device has no receiver. `unknown`: gpsd does not tell. `no-device`: gpsd has no
 * receiver. `silent`: the receiver says nothing. `no-fix`: it has no fix now, or none
 * that can be believed. `fix`: it has one.
 */
export type GpsState = 'disabled' | 'unknown' | 'no-device' | 'silent' | 'no-fix' | 'fix'

/** One of the receivers of a gpsd. */
export interface Receiver {
  readonly device: string | null
  readonly state: Extract<GpsState, 'silent' | 'no-fix' | 'fix'>
  readonly reason: string | null
}

/**
 * `null` is "not told". Ages are in seconds. Where the receiver is, is never told. With more than one
 * receiver it is the better one's.
 */
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
  /** All of them, the one that is told first. */
  readonly receivers: readonly Receiver[]
  /** The receiver's time of its last fix, ISO 8601. */
  readonly time: string | null
  /** Since the last fix that could be believed. */
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
  receivers: [],
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

/** Decides from what gpsd has said until now. */
export function decideGpsStatus(view: GpsdView, now: Moment): GpsStatus {
  const { state } = view
  const [best, ...others] = receiversOf(state)
    .map((receiver) => judge(receiver, now))
    .toSorted(betterFirst)
  if (!view.isConnected) {
    const reason = `gpsd does not answer: ${view.failure ?? 'not connected'}`
    const fixAgeSeconds = best?.fixAgeSeconds ?? null
    return { ...untold, state: 'unknown', reason, isLost: view.wasConnected, fixAgeSeconds }
  }
  if (best === undefined) {
    const reason = 'gpsd has no receiver'
    return { ...untold, state: 'no-device', reason, gpsdRelease: state.release }
  }
  return statusOf([best, ...others], state, now)
}

/** The first one's, and in short all. */
function statusOf(
  receivers: readonly [Judged, ...Judged[]],
  state: GpsdState,
  now: Moment,
): GpsStatus {
  const [{ heard, isFresh, path, reason, fixAgeSeconds, state: fixState }] = receivers
  return {
    ...untold,
    state: fixState,
    reason,
    gpsdRelease: state.release,
    device: path,
    driver: state.devices.find((each) => each.path === path)?.driver ?? null,
    mode: isFresh ? (heard.tpv?.report.mode ?? null) : null,
    leapSeconds: heard.fix?.report.leapSeconds ?? null,
    ...(isFresh ? skyOf(heard) : {}),
    fixAgeSeconds,
    pulse: pulseOf(heard.pps ?? lonePulse(state), now),
    serial: pulseOf(heard.toff, now),
    receivers: receivers.map((each) => ({
      device: each.path,
      state: each.state,
      reason: each.reason,
    })),
  }
}

interface Named {
  readonly path: string | null
  readonly heard: DeviceHeard
}

/** What tells times, and what gpsd lists and has not heard; a device of pulses alone is neither. */
function receiversOf({ devices, heard }: GpsdState): Named[] {
  const listed = devices.filter(({ path }) => !heard.has(path) && !/^\/dev\/pps\d+$/.test(path))
  const silent = listed.map(({ path }) => ({ path, heard: silentDevice }))
  const speaking = [...heard]
    .filter(([, each]) => !isPulseOnly(each))
    .map(([path, each]) => ({ path: path === '' ? null : path, heard: each }))
  return [...speaking, ...silent]
}

function isPulseOnly({ pps, tpv, sky, toff }: DeviceHeard): boolean {
  return pps !== null && tpv === null && sky === null && toff === null
}

/** Of a device such as /dev/pps0, which numbers its seconds by the receiver. */
function lonePulse({ heard }: GpsdState): Heard<PulseReport> | null {
  return [...heard.values()].find((each) => isPulseOnly(each))?.pps ?? null
}

interface Judged extends Named {
  readonly state: Receiver['state']
  readonly reason: string | null
  readonly isFresh: boolean
  readonly fixAgeSeconds: number | null
}

function judge({ path, heard }: Named, now: Moment): Judged {
  const tpvAge = ageOf(heard.tpv, now)
  const isFresh = tpvAge !== null && tpvAge <= maxSilenceSeconds
  const why = heard.fix === null ? null : whyNoGoodFix(heard.fix, freshOffset(heard, now), now)
  const fixAgeSeconds = why === null ? ageOf(heard.fix, now) : null
  const base = { path, heard, isFresh, fixAgeSeconds }
  if (!isFresh) {
    const since = tpvAge === null ? '' : ` for ${Math.round(tpvAge)} s`
    return { ...base, state: 'silent', reason: `the receiver says nothing${since}` }
  }
  const mode: FixMode = heard.tpv?.report.mode ?? 0
  if (mode < 2) return { ...base, state: 'no-fix', reason: 'the receiver has no fix' }
  return { ...base, state: why === null ? 'fix' : 'no-fix', reason: why }
}

const ranks = { fix: 0, 'no-fix': 1, silent: 2 } as const

/** Of two with a fix, the one with more satellites; else the one that gpsd has listed first. */
function betterFirst(a: Judged, b: Judged): number {
  const satellites = (each: Judged): number => each.heard.sky?.report.used ?? 0
  return ranks[a.state] - ranks[b.state] || satellites(b) - satellites(a)
}

function ageOf(heard: Heard<unknown> | null, now: Moment): number | null {
  return heard === null ? null : Math.max(0, (now.monotonicMs - heard.atMs) / 1000)
}

/** Of pulse and serial time, the one that is further away. */
function freshOffset({ pps, toff }: DeviceHeard, now: Moment): number | null {
  const offsets = [pulseOf(pps, now), pulseOf(toff, now)].flatMap((each) =>
    each === null ? [] : [each.offsetNs / 1e9],
  )
  return offsets.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0] ?? null
}

type Sky = Pick<GpsStatus, 'time' | 'satellitesUsed' | 'satellitesSeen' | 'meanSignalDbHz' | 'dop'>

function skyOf({ fix, sky }: DeviceHeard): Sky {
  return {
    time: fix?.report.time ?? null,
    satellitesUsed: sky?.report.used ?? null,
    satellitesSeen: sky?.report.seen ?? null,
    meanSignalDbHz: sky?.report.meanSignalDbHz ?? null,
    dop: sky?.report.dop ?? untold.dop,
  }
}

function pulseOf(heard: Heard<PulseReport> | null, now: Moment): Pulse | null {
  const ageSeconds = ageOf(heard, now)
  if (heard === null || ageSeconds === null || ageSeconds > maxSilenceSeconds) return null
  return { offsetNs: heard.report.offsetNs, ageSeconds }
}
