import type { Timestamp } from '../value.ts'

/** Python's `repr()` of a `date` or `datetime`. */
export function timestampRepr({ kind, iso }: Timestamp): string {
  if (kind === 'date') return `datetime.date(${numbersIn(iso).join(', ')})`
  const [date = '', rest = ''] = iso.split('T')
  const [time = ''] = rest.split(/[-+]/)
  const offset = rest.slice(time.length)
  const [hour = 0, minute = 0, ...small] = numbersIn(time)
  // Seconds and microseconds are left out from the end while they are 0.
  while (small.at(-1) === 0) small.pop()
  const fields = [...numbersIn(date), hour, minute, ...small].join(', ')
  const zone = offset === '' ? '' : `, tzinfo=${zoneRepr(offset)}`
  return `datetime.datetime(${fields}${zone})`
}

function numbersIn(text: string): number[] {
  return text.split(/[-:.]/).map(Number)
}

/** `+05:30`. A negative delta counts from the day before. */
function zoneRepr(offset: string): string {
  const [hours = 0, minutes = 0] = numbersIn(offset.slice(1))
  const seconds = hours * 3600 + minutes * 60
  if (seconds === 0) return 'datetime.timezone.utc'
  const delta = offset.startsWith('-')
    ? `days=-1, seconds=${86_400 - seconds}`
    : `seconds=${seconds}`
  return `datetime.timezone(datetime.timedelta(${delta}))`
}
