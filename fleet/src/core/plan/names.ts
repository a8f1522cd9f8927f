/** Names of devices, folded as people write them: `pi-ntp-[01-02]`. */

/** `pi-1, pi-2, pi-3, x` becomes `pi-[1-3], x`. Order: as text. */
export function foldNames(names: readonly string[]): string {
  const numbered = names.flatMap((name) => splitName(name) ?? [])
  const plain = names.filter((name) => splitName(name) === null)
  // 09 and 10 are of one family, 9 and 10 of another.
  const padded = new Set(numbered.filter(({ digits }) => digits.startsWith('0')).map(familyOf))
  const families = Map.groupBy(numbered, (name) => {
    const family = familyOf(name)
    return padded.has(family) ? family : `${name.prefix}\0\0${name.suffix}`
  })
  const folded = [...families].map(([family, members]) => {
    const { prefix, suffix, digits } = members[0] ?? { prefix: '', suffix: '', digits: '' }
    const width = padded.has(family) ? digits.length : 0
    const numbers = members.map((member) => Number(member.digits))
    const spans = foldNumbers(numbers, width)
    const single = spans.length === 1 && !spans[0]?.includes('-')
    return single ? `${prefix}${spans[0]}${suffix}` : `${prefix}[${spans.join(',')}]${suffix}`
  })
  return [...folded, ...new Set(plain)].toSorted().join(', ')
}

interface NumberedName {
  readonly prefix: string
  readonly digits: string
  readonly suffix: string
}

/** Parted at its last number; `null` when it has none, or one that is no number any more. */
function splitName(name: string): NumberedName | null {
  const match = /(?<!\d)(\d+)(\D*)$/.exec(name)
  const [, digits, suffix] = match ?? []
  if (match === null || digits === undefined || suffix === undefined) return null
  return digits.length > 9 ? null : { prefix: name.slice(0, match.index), digits, suffix }
}

function familyOf({ prefix, digits, suffix }: NumberedName): string {
  return `${prefix}\0${digits.length}\0${suffix}`
}

function foldNumbers(numbers: readonly number[], width: number): string[] {
  const spans: { from: number; to: number }[] = []
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && number === last.to + 1) last.to = number
    else if (last?.to !== number) spans.push({ from: number, to: number })
  }
  const show = (number: number): string => String(number).padStart(width, '0')
  return spans.map(({ from, to }) => (from === to ? show(from) : `${show(from)}-${show(to)}`))
}
