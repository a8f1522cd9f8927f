/** Time that passes only when everybody waits: hours of a rollout take milliseconds. */

export interface VirtualClock {
  nowMs(): number
  /** Ends early when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs
  let sleepers: Sleeper[] = []
  let isTicking = false
  const tick = (): void => {
    isTicking = false
    const [first] = sleepers
    if (first === undefined) return
    nowMs = Math.max(nowMs, first.atMs)
    const due = sleepers.filter(({ atMs }) => atMs <= nowMs)
    sleepers = sleepers.filter(({ atMs }) => atMs > nowMs)
    for (const { wake } of due) wake()
    arm()
  }
  // After all promises that can be settled without time are settled.
  const arm = (): void => {
    if (isTicking || sleepers.length === 0) return
    isTicking = true
    setImmediate(tick)
  }
  return {
    nowMs: () => nowMs,
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      const sleeper: Sleeper = { atMs: nowMs + ms, wake: resolve }
      sleepers.push(sleeper)
      sleepers.sort((a, b) => a.atMs - b.atMs)
      signal?.addEventListener('abort', () => {
        sleepers = sleepers.filter((each) => each !== sleeper)
        resolve()
      })
      arm()
      return promise
    },
  }
}
