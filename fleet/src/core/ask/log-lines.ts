/** `logs`: what containers logged on many devices, as one stream in the order of time. */
import { parseDurationMs } from '@timeball/lib/duration.ts'
import { containerName } from '../desired/paths.ts'
import { scriptOf } from './shell-words.ts'

export interface LogLine {
  readonly device: string
  /** RFC 3339 in UTC, by the device's clock; empty where a line has none. */
  readonly time: string
  readonly text: string
}

export interface LogWish {
  /** As docker takes it: `10m`, or a time; `null`: from the beginning, or rather the last of it. */
  readonly since: string | null
  /** An extended regular expression, for the device's grep. */
  readonly grep: string | null
  /** The newest of each device. */
  readonly tail: number
  readonly follow: boolean
}

const sinceFormat = /^[0-9][0-9A-Za-z:.+-]{0,39}$/

/** A hundred years: Docker's own durations end at 292, and no log is older. */
const longestSinceMs = 36_525 * 86_400_000

/** As `docker logs --since` can read it, which knows no days; `null`: it is no time. */
export function readSince(text: string): string | null {
  const ms = parseDurationMs(text)
  if (ms !== null) return ms > longestSinceMs ? null : `${ms / 1000}s`
  return sinceFormat.test(text) ? text : null
}

export function logsScript({ since, grep, tail, follow }: LogWish): string {
  const docker = scriptOf([
    ...['docker', 'logs', '--timestamps', '--tail', String(tail)],
    ...(since === null ? [] : ['--since', since]),
    ...(follow ? ['--follow'] : []),
    containerName,
  ])
  if (grep === null) return `exec ${docker} 2>&1\n`
  // No line is no failure of grep.
  const filter = scriptOf(['grep', '-aE', '--line-buffered', '-e', grep])
  return `${docker} 2>&1 | { ${filter} || [ $? = 1 ]; }\n`
}

const stamped = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z) ?(.*)$/

export function readLogLine(device: string, line: string): LogLine {
  const [, time, text] = stamped.exec(line) ?? []
  if (time === undefined || text === undefined) return { device, time: '', text: line }
  return { device, time, text }
}

/** A line without a time stays behind the one before it of the same device. */
export function mergeByTime(lines: readonly LogLine[]): readonly LogLine[] {
  const last = new Map<string, string>()
  const keyed = lines.map((line) => {
    const time = line.time === '' ? (last.get(line.device) ?? '') : line.time
    last.set(line.device, time)
    return { line, time: comparable(time) }
  })
  keyed.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
  return keyed.map(({ line }) => line)
}

/** Docker leaves out the fraction of a whole second, and zeros at its end. */
function comparable(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.')
  return `${seconds}.${fraction.padEnd(9, '0')}`
}

/** Cuts output that comes in pieces into lines. */
export function lineCutter(): {
  /** The lines that are whole by now. */
  push(part: Uint8Array): readonly string[]
  /** What is left without an end. */
  rest(): readonly string[]
} {
  const decoder = new TextDecoder()
  let held = ''
  return {
    push(part) {
      const pieces = (held + decoder.decode(part, { stream: true })).split('\n')
      held = (pieces.pop() ?? '').slice(-longestLine)
      return pieces
    },
    rest: () => (held === '' ? [] : [held]),
  }
}

/** Docker's own bound of a line. */
const longestLine = 16_384
