/**
 * The abbreviations of a time zone, such as CET and CEST, from tzdata's binary file. Pure. RFC 9636.
 * The rules themselves are Node's own; it has no abbreviations for most zones.
 */

/** The abbreviation at an instant. `offsetSeconds` is the zone's then. */
export type Abbreviations = (unixSeconds: number, offsetSeconds: number) => string

interface Rule {
  readonly offsetSeconds: number
  readonly abbreviation: string
}

/** `null` when it is not such a file. */
export function parseTzif(file: Uint8Array): Abbreviations | null {
  try {
    return read(new DataView(file.buffer, file.byteOffset, file.byteLength))
  } catch {
    // A count that leads beyond the end of the file.
    return null
  }
}

const magic = 0x545a6966
const headerBytes = 44

interface Counts {
  readonly times: number
  readonly types: number
  readonly chars: number
  /** Bytes of what is not read: leap seconds and the marks for wall clock and UT. */
  readonly others: number
}

function countsAt(view: DataView, at: number, timeBytes: number): Counts | null {
  if (view.getUint32(at) !== magic) return null
  const count = (index: number): number => view.getUint32(at + 20 + index * 4)
  const [ut, standard, leaps] = [count(0), count(1), count(2)]
  const others = ut + standard + leaps * (timeBytes + 4)
  return { times: count(3), types: count(4), chars: count(5), others }
}

function read(view: DataView): Abbreviations | null {
  const first = countsAt(view, 0, 4)
  if (first === null || view.getUint8(4) < 0x32) return null
  // The first block has 32-bit times; the second has the same again with 64 bits, and more.
  const start = headerBytes + first.times * 5 + first.types * 6 + first.chars + first.others
  const counts = countsAt(view, start, 8)
  if (counts === null) return null
  const { times, types, chars, others } = counts
  const timesAt = start + headerBytes
  const indexesAt = timesAt + times * 8
  const typesAt = indexesAt + times
  const charsAt = typesAt + types * 6
  const textFrom = (at: number): string => {
    let end = at
    while (view.getUint8(end) !== 0) end += 1
    return latin1(view, at, end)
  }
  const rules = Array.from({ length: types }, (_, index): Rule => {
    const at = typesAt + index * 6
    const abbreviation = textFrom(charsAt + view.getUint8(at + 5))
    return { offsetSeconds: view.getInt32(at), abbreviation }
  })
  const changes = Array.from({ length: times }, (_, index) => ({
    atSeconds: Number(view.getBigInt64(timesAt + index * 8)),
    abbreviation: rules[view.getUint8(indexesAt + index)]?.abbreviation ?? '',
  }))
  const footer = latin1(view, charsAt + chars + others, view.byteLength)
  return lookUp(rules[0]?.abbreviation ?? '', changes, parseFooter(footer))
}

function latin1(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('latin1')
}

interface Change {
  readonly atSeconds: number
  readonly abbreviation: string
}

/** `after`: what holds after the last change, by its offset; empty: the last change holds for ever. */
function lookUp(before: string, changes: readonly Change[], after: readonly Rule[]): Abbreviations {
  const lastAt = changes.at(-1)?.atSeconds ?? -Infinity
  return (unixSeconds, offsetSeconds) => {
    if (unixSeconds >= lastAt && after.length > 0) {
      const rule = after.find((each) => each.offsetSeconds === offsetSeconds) ?? after[0]
      return rule?.abbreviation ?? before
    }
    return changes.findLast(({ atSeconds }) => atSeconds <= unixSeconds)?.abbreviation ?? before
  }
}

const plain = (written: string): string => written.replaceAll(/[<>]/g, '')

/** A name and an offset, and perhaps those of summer: RFC 9636 section 3.3. */
const footer =
  /^\n(<[\w+-]{3,32}>|[A-Za-z]{3,32})([+-]?\d{1,3}(?::\d{1,2}){0,2})(?:(<[\w+-]{3,32}>|[A-Za-z]{3,32})([+-]?\d{1,3}(?::\d{1,2}){0,2})?)?[,\n]/

/** `CET-1CEST,M3.5.0,M10.5.0/3` or `<+0330>-3:30` (POSIX, TZ): standard time, and summer time. */
function parseFooter(text: string): Rule[] {
  const match = footer.exec(text)
  const [, standard, standardOffset, summer, summerOffset] = match ?? []
  if (standard === undefined || standardOffset === undefined) return []
  const offsetSeconds = -secondsOf(standardOffset)
  const rules = [{ offsetSeconds, abbreviation: plain(standard) }]
  if (summer === undefined) return rules
  const later = summerOffset === undefined ? offsetSeconds + 3600 : -secondsOf(summerOffset)
  return [...rules, { offsetSeconds: later, abbreviation: plain(summer) }]
}

function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number)
  const size = hours * 3600 + minutes * 60 + seconds
  return text.startsWith('-') ? -size : size
}
