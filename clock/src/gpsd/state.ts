/** What gpsd has said so far, put together from its reports. Pure: the time is an argument. */
import type { GpsdDevice, GpsdReport, PulseReport, SkyReport, TpvReport } from './report.ts'

/** Something that was heard, and when, on the caller's monotonic clock. */
export interface Heard<T> {
  readonly report: T
  readonly atMs: number
}

/** What one device has said. */
export interface DeviceHeard {
  readonly tpv: Heard<TpvReport> | null
  /** The latest with a fix. */
  readonly fix: Heard<TpvReport> | null
  /** Its parts put together. */
  readonly sky: Heard<SkyReport> | null
  readonly pps: Heard<PulseReport> | null
  readonly toff: Heard<PulseReport> | null
}

/** Everything that one connection has heard. */
export interface GpsdState {
  readonly release: string | null
  readonly devices: readonly GpsdDevice[]
  /** By the device's path, which is '' where gpsd did not tell it: two receivers are not mixed up. */
  readonly heard: ReadonlyMap<string, DeviceHeard>
  readonly error: string | null
}

export const silentDevice: DeviceHeard = {
  tpv: null,
  fix: null,
  sky: null,
  pps: null,
  toff: null,
}

export const silentGpsd: GpsdState = { release: null, devices: [], heard: new Map(), error: null }

const maxDevices = 8

/** The state after one more report. */
export function hear(state: GpsdState, report: GpsdReport, atMs: number): GpsdState {
  switch (report.kind) {
    case 'version':
      return { ...state, release: report.release }
    case 'devices':
      return { ...state, devices: report.devices, heard: onlyOf(state.heard, report.devices) }
    case 'device':
      return { ...state, devices: withDevice(state.devices, report.device) }
    case 'tpv':
    case 'sky':
    case 'pps':
    case 'toff':
      return { ...state, heard: withReport(state.heard, report, atMs) }
    case 'error':
      return { ...state, error: report.message }
    case 'other':
      return state
  }
}

type DeviceReport = TpvReport | SkyReport | PulseReport

/** The device that was heard last is the last: more than there may be drops the one silent longest. */
function withReport(
  all: GpsdState['heard'],
  report: DeviceReport,
  atMs: number,
): GpsdState['heard'] {
  const { device } = report
  const others = [...all].filter(([path]) => path !== device).slice(1 - maxDevices)
  return new Map([...others, [device, hearDevice(all.get(device) ?? silentDevice, report, atMs)]])
}

function hearDevice(heard: DeviceHeard, report: DeviceReport, atMs: number): DeviceHeard {
  switch (report.kind) {
    case 'tpv': {
      const tpv = { report, atMs }
      return { ...heard, tpv, fix: report.mode >= 2 ? tpv : heard.fix }
    }
    case 'sky':
      return { ...heard, sky: { report: joinSky(heard.sky, report), atMs } }
    case 'pps':
      return { ...heard, pps: { report, atMs } }
    case 'toff':
      return { ...heard, toff: { report, atMs } }
  }
}

/** A device that is no longer listed is gone. */
function onlyOf(all: GpsdState['heard'], devices: readonly GpsdDevice[]): GpsdState['heard'] {
  const listed = new Set(['', ...devices.map(({ path }) => path)])
  return new Map([...all].filter(([path]) => listed.has(path)))
}

function withDevice(devices: readonly GpsdDevice[], device: GpsdDevice): readonly GpsdDevice[] {
  const others = devices.filter((each) => each.path !== device.path)
  return [...others, device].slice(-maxDevices)
}

/** gpsd sends dilutions and satellites in turns: a part that is not told now keeps its value. */
function joinSky(heard: Heard<SkyReport> | null, now: SkyReport): SkyReport {
  const former = heard?.report
  if (former === undefined) return now
  return {
    ...now,
    used: now.used ?? former.used,
    seen: now.seen ?? former.seen,
    hasList: now.hasList || former.hasList,
    meanSignalDbHz: now.hasList ? now.meanSignalDbHz : former.meanSignalDbHz,
    dop: {
      horizontal: now.dop.horizontal ?? former.dop.horizontal,
      vertical: now.dop.vertical ?? former.dop.vertical,
      position: now.dop.position ?? former.dop.position,
      time: now.dop.time ?? former.dop.time,
    },
  }
}
