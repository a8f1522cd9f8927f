/** Who is asked when: in order, not before their time, and not more a second than allowed. Pure. */

/** The queue looks at `spacingMs` to keep those that wait equally long in one line. */
interface Spaced {
  readonly target: { readonly spacingMs: number }
}

export interface SendQueue<Item> {
  /** Those whose turn it is at this time. */
  take(nowMs: number): Item[]
  /** Not before `dueMs`. Items with the same spacing are added in the order of their times. */
  add(item: Item, dueMs: number): void
  isEmpty(): boolean
}

/** More at once would keep answers waiting while requests are written. */
const maxBurst = 16

/** All items are due at once at the beginning. */
export function sendQueue<Item extends Spaced>(
  items: readonly Item[],
  sendsPerSecond: number,
): SendQueue<Item> {
  const lines = new Map<number, Line<Item>>()
  let credit = 1
  let lastMs: number | null = null

  function add(item: Item, dueMs: number): void {
    const { spacingMs } = item.target
    const line = lines.get(spacingMs) ?? newLine<Item>()
    lines.set(spacingMs, line)
    line.entries.push({ item, dueMs })
  }
  for (const item of items) add(item, Number.NEGATIVE_INFINITY)

  return {
    add,
    take(nowMs) {
      const elapsedMs = lastMs === null ? 0 : nowMs - lastMs
      lastMs = nowMs
      credit = Math.min(maxBurst, credit + (elapsedMs * sendsPerSecond) / 1000)
      const taken: Item[] = []
      for (const line of lines.values()) {
        while (credit >= 1) {
          const item = shiftDue(line, nowMs)
          if (item === null) break
          taken.push(item)
          credit -= 1
        }
      }
      return taken
    },
    isEmpty: () => [...lines.values()].every(({ entries, first }) => first >= entries.length),
  }
}

interface Line<Item> {
  entries: { readonly item: Item; readonly dueMs: number }[]
  /** Index of the first one that waits: `shift()` of a long array would copy it. */
  first: number
}

function newLine<Item>(): Line<Item> {
  return { entries: [], first: 0 }
}

const compactAbove = 4_096

function shiftDue<Item>(line: Line<Item>, nowMs: number): Item | null {
  const entry = line.entries[line.first]
  if (entry === undefined || entry.dueMs > nowMs) return null
  line.first += 1
  if (line.first > compactAbove) {
    line.entries = line.entries.slice(line.first)
    line.first = 0
  }
  return entry.item
}
