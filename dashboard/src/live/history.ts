/** The last hour of each server's offset, for the small lines beside it. */
import { signal, type Signal } from '@preact/signals'
import { ask, type Asker, type Clock, type Samples } from '../api.ts'

export interface Point {
  readonly atUnixMs: number
  /** `null`: it was not measured. */
  readonly offsetSeconds: number | null
}

const spanMs = 3_600_000
/** Enough for a line of a few hundred pixels. */
const mostPoints = 240

const lines = new Map<string, Signal<readonly Point[]>>()

/** Fills by itself; empty until then. */
export function historyOf(server: string, asker: Asker): Signal<readonly Point[]> {
  const known = lines.get(server)
  if (known !== undefined) return known
  const line = signal<readonly Point[]>([])
  lines.set(server, line)
  void fill(server, line, asker)
  return line
}

async function fill(server: string, line: Signal<readonly Point[]>, asker: Asker): Promise<void> {
  const path = `/clocks/${encodeURIComponent(server)}/samples`
  const query = `?since=${Date.now() - spanMs}&limit=${mostPoints}`
  const answer = await ask<Samples>(path + query, asker)
  if (!answer.ok) {
    lines.delete(server)
    return
  }
  const read = answer.value.items.map((each) => ({
    atUnixMs: each.at_unix_ms,
    offsetSeconds: each.offset_seconds,
  }))
  const newest = read.at(-1)?.atUnixMs ?? 0
  line.value = [...read, ...line.value.filter(({ atUnixMs }) => atUnixMs > newest)]
}

/** A sweep adds a point to each line that somebody looks at. */
export function remember(servers: readonly Clock[], sweptUnixMs: number | null): void {
  if (sweptUnixMs === null) return
  for (const { device, offset_seconds: offsetSeconds } of servers) {
    const line = lines.get(device)
    const last = line?.value.at(-1)
    if (line === undefined || (last !== undefined && last.atUnixMs >= sweptUnixMs)) continue
    const kept = line.value.filter(({ atUnixMs }) => atUnixMs > sweptUnixMs - spanMs)
    line.value = [...kept.slice(1 - mostPoints), { atUnixMs: sweptUnixMs, offsetSeconds }]
  }
}
