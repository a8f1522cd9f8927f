/**
 * One line of gpsd's JSON protocol. Pure. Names and units: gpsd_json(5) of gpsd 3.22 to 3.27. Every
 * field but `class` may be missing; what is missing or of another type is `null`, never 0.
 */

/** How good a fix is: 0 unknown, 1 none, 2 two-dimensional, 3 three-dimensional. */
export type FixMode = 0 | 1 | 2 | 3

/**
 * Values of `status` whose time is not from satellites (gpsd_json(5), "TPV"): dead reckoning, alone
 * or mixed in, and a simulator.
 */
export const fixStatus = { deadReckoning: 5, mixedDeadReckoning: 6, simulated: 8 } as const

/** Time, position and velocity. Position is left out on purpose: it tells where a site is. */
export interface TpvReport {
  readonly kind: 'tpv'
  readonly device: string
  readonly mode: FixMode
  /** Where the fix is from; `null`: not told. */
  readonly status: number | null
  /** ISO 8601, UTC. */
  readonly time: string | null
  /** Estimated error of the time in seconds. */
  readonly timeErrorSeconds: number | null
  /** GPS − UTC, as the receiver knows it. */
  readonly leapSeconds: number | null
}

/** Satellites. A receiver may send this in parts: what is `null` was not in this part. */
export interface SkyReport {
  readonly kind: 'sky'
  readonly device: string
  readonly used: number | null
  readonly seen: number | null
  /** Whether the list of satellites is in this part. */
  readonly hasList: boolean
  /** Carrier to noise of the satellites in use, mean, in dBHz; `null` in a list: none is in use. */
  readonly meanSignalDbHz: number | null
  /** Dilutions of precision, without unit. */
  readonly dop: {
    readonly horizontal: number | null
    readonly vertical: number | null
    readonly position: number | null
    readonly time: number | null
  }
}

/** A second as the receiver has it (`real`) and as this machine's clock has it. */
export interface PulseReport {
  /** `pps`: by the pulse. `toff`: by the arrival of the serial message, so it includes its latency. */
  readonly kind: 'pps' | 'toff'
  readonly device: string
  /** Clock minus receiver, in nanoseconds. */
  readonly offsetNs: number
  /** Which second it is, in Unix seconds. */
  readonly realSeconds: number
}

export interface GpsdDevice {
  readonly path: string
  readonly driver: string | null
  /** `null`: gpsd has not opened it. */
  readonly activated: string | null
}

export type GpsdReport =
  | { readonly kind: 'version'; readonly release: string | null }
  | { readonly kind: 'devices'; readonly devices: readonly GpsdDevice[] }
  | { readonly kind: 'device'; readonly device: GpsdDevice }
  | { readonly kind: 'error'; readonly message: string | null }
  | TpvReport
  | SkyReport
  | PulseReport
  | { readonly kind: 'other' }

type Fields = Readonly<Record<string, unknown>>

const maxDevices = 8
const maxSatellites = 256

/** Reads one line; `null` when it is not a JSON object with a `class`. Never throws. */
export function parseReport(line: string): GpsdReport | null {
  const fields = objectOf(line)
  if (fields === null || typeof fields['class'] !== 'string') return null
  switch (fields['class']) {
    case 'VERSION':
      return { kind: 'version', release: text(fields['release']) }
    case 'DEVICES':
      return { kind: 'devices', devices: records(fields['devices'], maxDevices).flatMap(deviceOf) }
    case 'DEVICE': {
      const [device] = deviceOf(fields)
      return device === undefined ? { kind: 'other' } : { kind: 'device', device }
    }
    case 'ERROR':
      return { kind: 'error', message: text(fields['message']) }
    case 'TPV':
      return tpvOf(fields)
    case 'SKY':
      return skyOf(fields)
    case 'PPS':
      return pulseOf('pps', fields)
    case 'TOFF':
      return pulseOf('toff', fields)
    default:
      return { kind: 'other' }
  }
}

function tpvOf(fields: Fields): TpvReport {
  const time = text(fields['time'])
  return {
    kind: 'tpv',
    device: deviceName(fields),
    mode: modeOf(fields['mode']),
    status: positive(fields['status']),
    time: time !== null && /^\d{4}-\d\d-\d\dT[\d:.]{8,24}Z$/.test(time) ? time : null,
    timeErrorSeconds: positive(fields['ept']),
    leapSeconds: number(fields['leapseconds']),
  }
}

function modeOf(value: unknown): FixMode {
  return value === 1 || value === 2 || value === 3 ? value : 0
}

function skyOf(fields: Fields): SkyReport {
  const list = fields['satellites']
  const satellites = Array.isArray(list) ? records(list, maxSatellites) : null
  const inUse = satellites?.filter((satellite) => satellite['used'] === true) ?? []
  const signals = inUse.map((each) => positive(each['ss'])).filter((each) => each !== null)
  const sum = signals.reduce((total, signal) => total + signal, 0)
  return {
    kind: 'sky',
    device: deviceName(fields),
    used: positive(fields['uSat']) ?? (satellites === null ? null : inUse.length),
    seen: positive(fields['nSat']) ?? satellites?.length ?? null,
    hasList: satellites !== null,
    meanSignalDbHz: signals.length === 0 ? null : sum / signals.length,
    dop: {
      horizontal: positive(fields['hdop']),
      vertical: positive(fields['vdop']),
      position: positive(fields['pdop']),
      time: positive(fields['tdop']),
    },
  }
}

function pulseOf(kind: PulseReport['kind'], fields: Fields): GpsdReport {
  const real = [number(fields['real_sec']), number(fields['real_nsec'])]
  const clock = [number(fields['clock_sec']), number(fields['clock_nsec'])]
  const [realSeconds = null, realNs = null] = real
  const [clockSeconds = null, clockNs = null] = clock
  if (realSeconds === null || realNs === null || clockSeconds === null || clockNs === null) {
    return { kind: 'other' }
  }
  const offsetNs = (clockSeconds - realSeconds) * 1e9 + (clockNs - realNs)
  return { kind, device: deviceName(fields), offsetNs, realSeconds }
}

function deviceOf(fields: Fields): GpsdDevice[] {
  const path = text(fields['path'])
  if (path === null) return []
  return [{ path, driver: text(fields['driver']), activated: text(fields['activated']) }]
}

function deviceName(fields: Fields): string {
  return text(fields['device']) ?? ''
}

function records(value: unknown, most: number): Fields[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, most).flatMap((each: unknown) => {
    const record = recordOf(each)
    return record === null ? [] : [record]
  })
}

function objectOf(line: string): Fields | null {
  try {
    return recordOf(JSON.parse(line))
  } catch {
    return null
  }
}

function recordOf(value: unknown): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.fromEntries(Object.entries(value))
}

/** Printable and short, whatever was sent. */
function text(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const clean = value.slice(0, 120).replaceAll(/[^ -~]/g, '?')
  return clean === '' ? null : clean
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function positive(value: unknown): number | null {
  const read = number(value)
  return read === null || read < 0 ? null : read
}
