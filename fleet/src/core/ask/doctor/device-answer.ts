/** What a device answered to `doctorScript`. */
import { parseReport } from '@timeball/clock/gpsd/report.ts'
import { printable } from '@timeball/lib/printable.ts'

export interface DoctorAnswer {
  /** The first of this name; `null`: the device did not say. */
  one(key: string): string | null
  number(key: string): number | null
  all(key: string): readonly string[]
}

export function readDoctor(output: string): DoctorAnswer {
  const said = new Map<string, string[]>()
  for (const line of output.split('\n')) {
    const at = line.indexOf('=')
    if (at < 1) continue
    const key = line.slice(0, at)
    said.set(key, [...(said.get(key) ?? []), printable(line.slice(at + 1), 4096)])
  }
  const one = (key: string): string | null => said.get(key)?.[0] ?? null
  return {
    one,
    number(key) {
      const text = one(key)
      const isNumber = text !== null && /^(?:0x[0-9a-f]{1,8}|-?\d{1,15})$/i.test(text)
      return isNumber ? Number(text) : null
    },
    all: (key) => said.get(key) ?? [],
  }
}

export interface Pulses {
  /** How many came while they were counted; about one each second. */
  readonly came: number
  /** Between the earliest and the latest place in the second; `null` below two pulses. */
  readonly jitterSeconds: number | null
}

/** Lines of `/sys/class/pps/pps0/assert`: `1764381600.000012345#4711` (kernel, Documentation/driver-api/pps.rst). */
export function readPulses(lines: readonly string[]): Pulses {
  const seen = new Map<number, number>()
  for (const line of lines) {
    const [, fraction, sequence] = /^\d{1,12}\.(\d{9})#(\d{1,12})$/.exec(line) ?? []
    if (sequence !== undefined) seen.set(Number(sequence), Number(`0.${fraction}`))
  }
  const [first, ...rest] = seen.values()
  if (first === undefined) return { came: 0, jitterSeconds: null }
  // A place just before the second is near one just after it.
  const places = rest.map((place) => place - first - Math.round(place - first))
  const jitterSeconds = rest.length === 0 ? null : Math.max(0, ...places) - Math.min(0, ...places)
  return { came: seen.size - 1, jitterSeconds }
}

export interface Receiver {
  /** The best fix that was told: 0 unknown, 1 none, 2 or 3 dimensions; `null`: none was told. */
  readonly mode: number | null
  readonly used: number | null
  readonly seen: number | null
}

export function readReceiver(lines: readonly string[]): Receiver {
  const reports = lines.flatMap((line) => parseReport(line) ?? [])
  const skies = reports.flatMap((each) => (each.kind === 'sky' ? [each] : []))
  return {
    mode: most(reports.map((each) => (each.kind === 'tpv' ? each.mode : null))),
    used: most(skies.map(({ used }) => used)),
    seen: most(skies.map(({ seen }) => seen)),
  }
}

function most(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null)
  return told.length === 0 ? null : Math.max(...told)
}
