/** Temperature, throttling and pulse of the board, where the kernel shows them. What it does not is `null`. */
import { readdir, readFile } from 'node:fs/promises'

/** Flags of the Raspberry Pi's firmware: what is so now, and what was since it started. */
export interface Throttling {
  readonly underVoltage: boolean
  readonly frequencyCapped: boolean
  readonly throttled: boolean
  readonly softTemperatureLimit: boolean
  readonly underVoltageSeen: boolean
  readonly frequencyCappedSeen: boolean
  readonly throttledSeen: boolean
  readonly softTemperatureLimitSeen: boolean
}

export interface Board {
  readonly temperatureCelsius: number | null
  readonly throttling: Throttling | null
  /** Whether the kernel has a source of pulses; `null`: that cannot be seen. */
  readonly hasPps: boolean | null
  /** Of the latest pulse, in Unix seconds; `null` without one. */
  readonly ppsAssertSeconds: number | null
}

/** Reads below `sysPath`, which is `/sys` except in tests. Never rejects. */
export async function readBoard(sysPath: string): Promise<Board> {
  const [temperature, throttled, sources] = await Promise.all([
    readText(`${sysPath}/class/thermal/thermal_zone0/temp`),
    readText(`${sysPath}/devices/platform/soc/soc:firmware/get_throttled`),
    readdir(`${sysPath}/class/pps`).catch(() => null),
  ])
  const pps = sources?.toSorted()[0]
  const assert = pps === undefined ? null : await readText(`${sysPath}/class/pps/${pps}/assert`)
  return {
    temperatureCelsius: parseTemperature(temperature),
    throttling: parseThrottled(throttled),
    hasPps: sources === null ? null : sources.length > 0,
    ppsAssertSeconds: parseAssert(assert),
  }
}

/** Thousandths of a degree. */
export function parseTemperature(text: string | null): number | null {
  const milli = /^(-?\d{1,6})\s*$/.exec(text ?? '')?.[1]
  return milli === undefined ? null : Number(milli) / 1000
}

/** A hexadecimal word: bits 0 to 3 are now, 16 to 19 since the start (raspberrypi.com, vcgencmd). */
export function parseThrottled(text: string | null): Throttling | null {
  const hex = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})\s*$/i.exec(text ?? '')?.[1]
  if (hex === undefined) return null
  const word = Number.parseInt(hex, 16)
  const bit = (index: number): boolean => ((word >>> index) & 1) === 1
  return {
    underVoltage: bit(0),
    frequencyCapped: bit(1),
    throttled: bit(2),
    softTemperatureLimit: bit(3),
    underVoltageSeen: bit(16),
    frequencyCappedSeen: bit(17),
    throttledSeen: bit(18),
    softTemperatureLimitSeen: bit(19),
  }
}

/** `1795464850.000001234#4711`: time and number of the latest pulse; number 0 is none yet. */
export function parseAssert(text: string | null): number | null {
  const [, time, sequence] = /^(\d{1,12}\.\d{1,9})#(\d+)\s*$/.exec(text ?? '') ?? []
  return time === undefined || Number(sequence) === 0 ? null : Number(time)
}

function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
