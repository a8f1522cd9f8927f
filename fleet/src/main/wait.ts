/** Waits, and ends early without an error when the signal fires. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const timer = setTimeout(finish, ms)
  signal.addEventListener('abort', finish, { once: true })
  function finish(): void {
    clearTimeout(timer)
    signal.removeEventListener('abort', finish)
    resolve()
  }
  return promise
}
