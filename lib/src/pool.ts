/** Runs work on many items with bounded parallelism, streaming results as they come. */

export interface PoolOptions {
  /** How many items are worked on at the same time; at least 1. */
  readonly limit: number
  /** Once aborted no further item is started; those that run are told by their own signal. */
  readonly signal: AbortSignal
}

export interface Finished<Item, Value> {
  readonly item: Item
  readonly value: Value
}

type Outcome<Item, Value> =
  | { readonly kind: 'finished'; readonly finished: Finished<Item, Value> }
  | { readonly kind: 'thrown'; readonly error: unknown }

/**
 * Yields each item with what `work` made of it, in the order of completion.
 *
 * INVARIANTS:
 * - at most `limit` calls of `work` are pending at any time;
 * - a consumer that reads slowly does not hold up the work on other items;
 * - items that were not started when the signal fired are not yielded;
 * - when the generator ends, for whatever reason, no call of `work` is pending. A consumer that
 *   stops early, or a `work` that throws (a bug), first aborts the others and waits for them.
 */
export async function* mapBounded<Item, Value>(
  items: readonly Item[],
  options: PoolOptions,
  work: (item: Item, signal: AbortSignal) => Promise<Value>,
): AsyncGenerator<Finished<Item, Value>, void, void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const outcomes: Outcome<Item, Value>[] = []
  let wake = Promise.withResolvers<void>()

  const queue = items.values()
  async function worker(): Promise<void> {
    for (const item of queue) {
      if (signal.aborted) return
      outcomes.push(await settle(item, work, signal))
      wake.resolve()
    }
  }

  const limit = Math.max(1, Math.floor(options.limit))
  let ended = false
  const workers = Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  const allEnded = workers.then(() => {
    ended = true
    wake.resolve()
  })

  try {
    while (true) {
      const outcome = outcomes.shift()
      if (outcome?.kind === 'finished') yield outcome.finished
      else if (outcome?.kind === 'thrown') throw outcome.error
      else if (ended) return
      else {
        await wake.promise
        wake = Promise.withResolvers<void>()
      }
    }
  } finally {
    stop.abort()
    await allEnded
  }
}

async function settle<Item, Value>(
  item: Item,
  work: (item: Item, signal: AbortSignal) => Promise<Value>,
  signal: AbortSignal,
): Promise<Outcome<Item, Value>> {
  try {
    return { kind: 'finished', finished: { item, value: await work(item, signal) } }
  } catch (error) {
    return { kind: 'thrown', error }
  }
}
