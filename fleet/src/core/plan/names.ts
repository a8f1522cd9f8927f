/** Names of devices, folded as people write them: `pi-ntp-[01-02]`. */

/** `pi-1, pi-2, pi-3, x` becomes `pi-[1-3], x`. Order: by prefix, then by number. */
export function foldNames(names: readonly string[]): string {
  const families = new Map<
    string,
    { prefix: string; suffix: string; width: number; numbers: number[] }
  >()
  const plain: string[] = []
  for (const name of names) {
    const match = /^(.*?)(\d+)(\D*)$/.exec(name)
    const [, prefix, digits, suffix] = match ?? []
    if (prefix === undefined || digits === undefined || suffix === undefined || digits.length > 9) {
      plain.push(name)
      continue
    }
    const width = digits.startsWith('0') ? digits.length : 0
    const key = `${prefix}\0${width === 0 ? '' : digits.length}\0${suffix}`
    const family = families.get(key) ?? { prefix, suffix, width, numbers: [] }
    family.numbers.push(Number(digits))
    families.set(key, family)
  }
  const folded = [...families.values()].map(({ prefix, suffix, width, numbers }) => {
    const spans = foldNumbers(numbers, width)
    const single = spans.length === 1 && !spans[0]?.includes('-')
    return single ? `${prefix}${spans[0]}${suffix}` : `${prefix}[${spans.join(',')}]${suffix}`
  })
  return [...folded, ...plain].toSorted().join(', ')
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
