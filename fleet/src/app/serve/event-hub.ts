/**
 * What happens, told to many readers as it happens. INVARIANTS:
 * - an event is kept once, whoever still has to read it;
 * - a reader that falls behind what is kept is told so (`resync`) and goes on with what comes now:
 *   it never makes anybody else wait, nor memory grow.
 */
export const eventKinds = ['sweep', 'rollout', 'devices', 'resync'] as const
export type EventKind = (typeof eventKinds)[number]

export interface HubEvent {
  /** Of this process: another one does not know it. */
  readonly id: string
  readonly kind: EventKind
  /** As JSON. */
  readonly data: string
}

export interface EventHub {
  publish(kind: Exclude<EventKind, 'resync'>, data: unknown): void
  /**
   * What comes, from behind `lastId` on; `null`: from now on. Ends when `signal` fires or the hub is
   * closed.
   */
  follow(lastId: string | null, signal: AbortSignal): AsyncIterable<HubEvent>
  close(): void
}

/** So many of the newest can be read again. */
const keptEvents = 1_000

/** `boot` tells the events of this process from those of an earlier one. */
export function eventHub(boot: string, kept = keptEvents): EventHub {
  const closed = new AbortController()
  let events: readonly HubEvent[] = []
  let published = 0
  let news = Promise.withResolvers<null>()

  function placeOf(lastId: string): number | null {
    const [of, number = ''] = lastId.split('-')
    const place = Number(number)
    const isKnown = of === boot && /^\d+$/.test(number) && place <= published
    return isKnown ? place : null
  }

  function resync(): HubEvent {
    return { id: `${boot}-${published}`, kind: 'resync', data: '{}' }
  }

  return {
    publish(kind, data) {
      published += 1
      const event = { id: `${boot}-${published}`, kind, data: JSON.stringify(data) }
      events = [...events.slice(-(kept - 1)), event]
      news.resolve(null)
      news = Promise.withResolvers<null>()
    },
    async *follow(lastId, signal) {
      const ended = whenAborted(AbortSignal.any([signal, closed.signal]))
      const asked = lastId === null ? published : placeOf(lastId)
      if (asked === null) yield resync()
      let read = asked ?? published
      while (!signal.aborted && !closed.signal.aborted) {
        const missed = published - read
        if (missed > events.length) {
          read = published
          yield resync()
          continue
        }
        const next = events.at(events.length - missed)
        if (missed > 0 && next !== undefined) {
          read += 1
          yield next
          continue
        }
        await Promise.race([news.promise, ended])
      }
    },
    close: () => closed.abort(),
  }
}

function whenAborted(signal: AbortSignal): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  if (signal.aborted) resolve(null)
  signal.addEventListener('abort', () => resolve(null), { once: true })
  return promise
}
