/** Watches a report arrive: hands its lines on, and knows when nothing more has to be awaited. */
import { printable } from '@timeball/lib/printable.ts'
import { fail } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Failure } from '../core/failure.ts'
import { lineSplitter, maxReportBytes, parseReportLine, readReport } from '../device/report.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import type { Delivery } from '../ports/engine.ts'

/** `complete`: the report has ended well-formed. `enough`: it is refused. */
export type Answer = 'more' | 'complete' | 'enough'

export interface DeliveryReader {
  /** A promise while content is handed over: nothing may be pushed before it has resolved. */
  push(chunk: Uint8Array): Answer | Promise<Answer>
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

type Ending = Result<DeviceReport, Failure> | null

/**
 * INVARIANTS:
 * - `onLine` sees nothing before a `begin` with this delivery's nonce: what a login shell prints by
 *   itself is skipped, and another delivery's report is refused;
 * - once there is a result nothing is read any more;
 * - of content one chunk is held at most; what is not content is bounded as a whole.
 */
export function deliveryReader(
  delivery: Pick<Delivery, 'nonce' | 'onLine' | 'onBytes'>,
): DeliveryReader {
  const { onBytes } = delivery
  const splitter = lineSplitter(onBytes === undefined ? maxReportBytes : Infinity)
  const report = reportLines(delivery)
  let result: Ending = null

  function read(chunk: Uint8Array): Ending {
    const split = splitter.push(chunk)
    if (!split.ok) return split
    for (const text of split.value) {
      const ending = report.take(text)
      if (ending !== null) return ending
    }
    return null
  }

  function answer(): Answer {
    if (result === null) return 'more'
    return result.ok ? 'complete' : 'enough'
  }

  async function handOver(hand: NonNullable<Delivery['onBytes']>): Promise<Answer> {
    try {
      for (const part of report.takeContent()) await hand(part)
    } catch (error) {
      result = notKept(error)
    }
    return answer()
  }

  return {
    push(chunk) {
      if (result !== null) return result.ok ? 'more' : 'enough'
      result = read(chunk)
      return onBytes === undefined || !report.hasContent() ? answer() : handOver(onBytes)
    },
    result: () => result,
    hasBegun: () => report.hasBegun(),
    noise: () => report.noise() || printable(splitter.finish() ?? '', maxNoiseLength),
  }
}

interface ReportLines {
  take(text: string): Ending
  hasBegun(): boolean
  hasContent(): boolean
  /** What came since it was last taken. */
  takeContent(): readonly Uint8Array[]
  noise(): string
}

function reportLines({
  nonce,
  onLine,
  onBytes,
}: Pick<Delivery, 'nonce' | 'onLine' | 'onBytes'>): ReportLines {
  const lines: ReportLine[] = []
  let content: Uint8Array[] = []
  let length = 0
  let noise = ''
  let noiseLines = 0

  function hasBegun(): boolean {
    return lines[0]?.type === 'begin'
  }

  function skip(text: string): Ending {
    if (noise === '') noise = printable(text, maxNoiseLength)
    return ++noiseLines > maxNoiseLines ? noReport(noise) : null
  }

  function accept(line: ReportLine): Ending {
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

  return {
    take(text) {
      const parsed = parseReportLine(text)
      if (!parsed.ok) {
        return hasBegun() ? fail({ code: 'protocol', detail: parsed.failure }) : skip(text)
      }
      const line = parsed.value
      if (line.type === 'unknown' && !hasBegun()) return skip(text)
      if (line.type === 'bytes') {
        if (!hasBegun() || onBytes === undefined) return unasked
        content.push(Uint8Array.fromBase64(line.base64))
        return null
      }
      length += text.length
      return length > maxReportBytes ? tooLarge : accept(line)
    },
    hasBegun,
    hasContent: () => content.length > 0,
    takeContent() {
      const taken = content
      content = []
      return taken
    },
    noise: () => noise,
  }
}

const tooLarge = fail<Failure>({
  code: 'output-too-large',
  detail: 'the report is larger than allowed',
})

const unasked = fail<Failure>({
  code: 'protocol',
  detail: 'the device sends content that nobody asked for',
})

function notKept(error: unknown): Result<never, Failure> {
  const why = printable(error instanceof Error ? error.message : String(error), maxNoiseLength)
  return fail({ code: 'interrupted', detail: `what the device sent could not be kept: ${why}` })
}

function noReport(noise: string): Result<DeviceReport, Failure> {
  return fail({ code: 'protocol', detail: `the device prints something else: ${noise}` })
}
