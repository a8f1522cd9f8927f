/** What is pushed on one side is read on the other, one part at a time. */
export interface Pipe {
  readonly source: AsyncIterable<Uint8Array>
  /** Resolves when the part was taken; rejects when nobody reads any more. */
  push(part: Uint8Array): Promise<void>
  end(): void
  /** The reader's source rejects. */
  fail(): void
  /** Whoever pushes is told. */
  stopReading(why: string): void
}

interface Pushed {
  readonly part: Uint8Array
  readonly taken: PromiseWithResolvers<void>
}

export function pipe(): Pipe {
  let waiting: Pushed | null = null
  let state: 'open' | 'ended' | 'failed' = 'open'
  let closed: string | null = null
  let wake = Promise.withResolvers<void>()

  async function* read(): AsyncGenerator<Uint8Array, void, void> {
    while (true) {
      if (state === 'failed') throw new Error('it was called off')
      if (waiting !== null) {
        const { part, taken } = waiting
        waiting = null
        yield part
        taken.resolve()
      } else if (state === 'ended') return
      else {
        await wake.promise
        wake = Promise.withResolvers<void>()
      }
    }
  }

  return {
    source: read(),
    push(part) {
      if (closed !== null) return Promise.reject(new Error(closed))
      const taken = Promise.withResolvers<void>()
      waiting = { part, taken }
      wake.resolve()
      return taken.promise
    },
    end() {
      state = 'ended'
      wake.resolve()
    },
    fail() {
      state = 'failed'
      wake.resolve()
    },
    stopReading(why) {
      closed = why
      waiting?.taken.reject(new Error(why))
      waiting = null
    },
  }
}
