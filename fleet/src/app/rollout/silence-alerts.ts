/** While a device is changed its alerts say nothing new: a silence for exactly it and so long. */
import type { RolloutEvent, Started } from '../../core/rollout/event.ts'
import type { Outside } from '../outside.ts'

/** The device is out of service from now on, because of us. */
const begins: ReadonlySet<RolloutEvent['type']> = new Set(['move-intended', 'return-intended'])
/** It serves again, or what is wrong with it is for people to know. */
const ends: ReadonlySet<RolloutEvent['type']> = new Set([
  'healthy',
  'verified',
  'not-moved',
  'lost',
  'stuck',
])

export interface Silences {
  onEvents(events: readonly RolloutEvent[]): void
  /** All that are left; when nothing is watched any more. */
  end(): Promise<void>
}

/** Alertmanager that does not answer is warned of, and stops nothing. */
export function silenceAlerts(
  started: Started,
  outside: Pick<Outside, 'silence'>,
  warn: (text: string) => void,
): Silences {
  const { alertmanager } = started.settings
  const running = new Map<string, Promise<string | null>>()
  const begin = async (device: string, atUnixMs: number): Promise<string | null> => {
    if (alertmanager === undefined) return null
    const begun = await outside.silence.begin(alertmanager, {
      labels: { fleet: started.fleet, device },
      startsUnixMs: atUnixMs,
      endsUnixMs: atUnixMs + started.settings.healthy_deadline,
      createdBy: started.by,
      comment: `rollout ${started.rollout}`,
    })
    if (begun.ok) return begun.value
    warn(`alerts of ${device} are not silenced: ${begun.failure}`)
    return null
  }
  const finish = async (silence: Promise<string | null>): Promise<void> => {
    const id = await silence
    if (id === null || alertmanager === undefined) return
    const ended = await outside.silence.end(alertmanager, id)
    if (!ended.ok) warn(`a silence ends by itself only: ${ended.failure}`)
  }
  const endOf = (device: string): void => {
    const silence = running.get(device)
    if (silence === undefined) return
    running.delete(device)
    void finish(silence)
  }
  return {
    onEvents(events) {
      for (const event of events) {
        if (!('device' in event)) continue
        const { device, atUnixMs } = event
        if (begins.has(event.type)) {
          endOf(device)
          running.set(device, begin(device, atUnixMs))
        } else if (ends.has(event.type)) endOf(device)
      }
    },
    async end() {
      await Promise.all([...running.values()].map(finish))
      running.clear()
    },
  }
}
