/** The devices that the filter names, by the controller: its patterns are those of the command line. */
import { effect, signal } from '@preact/signals'
import { askAll, type DevicePage } from '../api.ts'
import { route } from '../live/route.ts'
import { readUnixMs } from '../live/state.ts'
import { token } from '../live/token.ts'

export interface Chosen {
  /** `null`: all. */
  readonly names: ReadonlySet<string> | null
  readonly problem: string | null
}

const all: Chosen = { names: null, problem: null }
export const chosen = signal<Chosen>(all)

let asking = new AbortController()
let asked = ''

/** Asks anew when the filter changes, and when what it names may have changed. */
export function watchFilter(): () => void {
  return effect(() => {
    const filter = route.value.query.get('q') ?? ''
    const who = token.value
    const isOld = readUnixMs.value !== null
    if (filter === asked && !(isOld && filter.includes('is:'))) return
    asked = filter
    asking.abort()
    asking = new AbortController()
    if (filter === '' || who === null) {
      chosen.value = all
      return
    }
    void choose(filter, { token: who, signal: asking.signal })
  })
}

async function choose(filter: string, asker: Parameters<typeof askAll>[1]): Promise<void> {
  const path = `/devices?limit=500&q=${encodeURIComponent(filter)}`
  const answer = await askAll<DevicePage>(path, asker)
  if (asker.signal.aborted) return
  chosen.value = answer.ok
    ? { names: new Set(answer.value.items.map(({ device }) => device)), problem: null }
    : { names: chosen.value.names, problem: answer.failure.detail }
}
