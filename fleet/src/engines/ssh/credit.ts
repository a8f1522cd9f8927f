/** How much the far side takes at the moment: the window of RFC 4254 §5.2. */
export interface Credit {
  add(bytes: number): void
  /** At least one byte, at most `most`; zero when nothing is to be sent any more. */
  take(most: number): Promise<number>
  stop(): void
}

export function credit(): Credit {
  let left = 0
  let stopped = false
  let waiting = Promise.withResolvers<void>()

  async function take(most: number): Promise<number> {
    if (stopped) return 0
    if (left === 0) {
      await waiting.promise
      return await take(most)
    }
    const taken = Math.min(left, most)
    left -= taken
    return taken
  }
  function wake(): void {
    waiting.resolve()
    waiting = Promise.withResolvers<void>()
  }

  return {
    add(bytes) {
      left += bytes
      wake()
    },
    take,
    stop() {
      stopped = true
      wake()
    },
  }
}
