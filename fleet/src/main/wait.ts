/**
 * Waits, and ends early without an error when the signal fires. A time that has passed already is no
 * time: Node would warn of it on stderr.
 */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const timer = setTimeout(finish, Math.max(0, ms))
  signal.addEventListener('abort', finish, { once: true })
  function finish(): void {
    clearTimeout(timer)
    signal.removeEventListener('abort', finish)
    resolve()
  }
  return promise
}
