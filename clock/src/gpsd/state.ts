/** What gpsd has said so far, put together from its reports. Pure: the time is an argument. */
import type { GpsdDevice, GpsdReport, PulseReport, SkyReport, TpvReport } from './report.ts'

/** Something that was heard, and when, on the caller's monotonic clock. */
export interface Heard<T> {
  readonly report: T
  readonly atMs: number
}

/** Everything that one connection has heard. */
export interface GpsdState {
  readonly release: string | null
  readonly devices: readonly GpsdDevice[]
  /** The latest of any device. */
  readonly tpv: Heard<TpvReport> | null
  /** The latest with a fix. */
  readonly fix: Heard<TpvReport> | null
  /** Its parts put together. */
  readonly sky: Heard<SkyReport> | null
  readonly pps: Heard<PulseReport> | null
  readonly toff: Heard<PulseReport> | null
  readonly error: string | null
}

export const silentGpsd: GpsdState = {
  release: null,
  devices: [],
  tpv: null,
  fix: null,
  sky: null,
  pps: null,
  toff: null,
  error: null,
}

const maxDevices = 8

/** The state after one more report. */
export function hear(state: GpsdState, report: GpsdReport, atMs: number): GpsdState {
  switch (report.kind) {
    case 'version':
      return { ...state, release: report.release }
    case 'devices':
      return { ...state, devices: report.devices }
    case 'device':
      return { ...state, devices: withDevice(state.devices, report.device) }
    case 'tpv':
      return { ...state, tpv: { report, atMs }, fix: fixOf(state, { report, atMs }) }
    case 'sky':
      return { ...state, sky: { report: joinSky(state.sky, report), atMs } }
    case 'pps':
      return { ...state, pps: { report, atMs } }
    case 'toff':
      return { ...state, toff: { report, atMs } }
    case 'error':
      return { ...state, error: report.message }
    case 'other':
      return state
  }
}

function fixOf(state: GpsdState, heard: Heard<TpvReport>): Heard<TpvReport> | null {
  return heard.report.mode >= 2 ? heard : state.fix
}

function withDevice(devices: readonly GpsdDevice[], device: GpsdDevice): readonly GpsdDevice[] {
  const others = devices.filter((each) => each.path !== device.path)
  return [...others, device].slice(-maxDevices)
}

/** gpsd sends dilutions and satellites in turns: a part that is not told now keeps its value. */
function joinSky(heard: Heard<SkyReport> | null, now: SkyReport): SkyReport {
  const former = heard?.report
  if (former === undefined || former.device !== now.device) return now
  return {
    ...now,
    used: now.used ?? former.used,
    seen: now.seen ?? former.seen,
    meanSignalDbHz: now.meanSignalDbHz ?? (now.used === null ? former.meanSignalDbHz : null),
    dop: {
      horizontal: now.dop.horizontal ?? former.dop.horizontal,
      vertical: now.dop.vertical ?? former.dop.vertical,
      position: now.dop.position ?? former.dop.position,
      time: now.dop.time ?? former.dop.time,
    },
  }
}
