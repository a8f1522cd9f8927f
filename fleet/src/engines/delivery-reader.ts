/** Watches a report arrive: hands its lines on, and knows when nothing more has to be awaited. */
import type { Failure } from '../core/failure.ts'
import { fail } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { lineSplitter, parseReportLine, readReport } from '../device/report.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Delivery } from '../ports/engine.ts'

export interface DeliveryReader {
  /** `complete`: the report has ended well-formed. `enough`: it is refused. */
  push(chunk: Uint8Array): 'more' | 'complete' | 'enough'
  /** The report, or what is wrong with it; `null` as long as its end has not come. */
  result(): Result<DeviceReport, Failure> | null
  /** Whether the device has answered. */
  hasBegun(): boolean
  /** What came instead of a report, printable and short. */
  noise(): string
}

const maxNoiseLength = 120
/** A refused line costs microseconds, so megabytes of them would hold up all other devices. */
const maxNoiseLines = 200
/** A real report has some hundreds; all of them are gone through once more at its end. */
const maxLines = 20_000

/**
 * INVARIANTS:
 * - `onLine` sees nothing before a `begin` with this delivery's nonce: what a login shell prints by
 *   itself is skipped, and another delivery's report is refused;
 * - once there is a result nothing is read any more.
 */
export function deliveryReader({
  nonce,
  onLine,
}: Pick<Delivery, 'nonce' | 'onLine'>): DeliveryReader {
  const splitter = lineSplitter()
  const lines: ReportLine[] = []
  let noise = ''
  let noiseLines = 0

  function hasBegun(): boolean {
    return lines[0]?.type === 'begin'
  }

  function take(text: string): Result<DeviceReport, Failure> | null {
    const parsed = parseReportLine(text)
    if (!parsed.ok && hasBegun()) return fail({ code: 'protocol', detail: parsed.failure })
    if (!parsed.ok || (parsed.value.type === 'unknown' && !hasBegun())) {
      if (noise === '') noise = printable(text, maxNoiseLength)
      return ++noiseLines > maxNoiseLines ? noReport(noise) : null
    }
    return accept(parsed.value)
  }

  function accept(line: ReportLine): Result<DeviceReport, Failure> | null {
    if (lines.push(line) > maxLines) {
      return fail({ code: 'output-too-large', detail: 'the report has more lines than allowed' })
    }
    if (line.type === 'begin' && line.nonce !== nonce) {
      return fail({ code: 'protocol', detail: 'the report answers another operation' })
    }
    const result = line.type === 'end' ? readReport(lines, nonce) : null
    if (hasBegun() && line.type !== 'unknown' && result?.ok !== false) onLine(line)
    return result
  }

  function read(chunk: Uint8Array): Result<DeviceReport, Failure> | null {
    const split = splitter.push(chunk)
    if (!split.ok) return split
    for (const text of split.value) {
      const result = take(text)
      if (result !== null) return result
    }
    return null
  }

  let result: Result<DeviceReport, Failure> | null = null
  return {
    push(chunk) {
      if (result !== null) return result.ok ? 'more' : 'enough'
      result = read(chunk)
      if (result === null) return 'more'
      return result.ok ? 'complete' : 'enough'
    },
    result: () => result,
    hasBegun,
    noise: () => noise || printable(splitter.finish() ?? '', maxNoiseLength),
  }
}

function noReport(noise: string): Result<DeviceReport, Failure> {
  return fail({ code: 'protocol', detail: `the device prints something else: ${noise}` })
}
