/**
 * A queue of one: what is given to it runs in the order in which it was given, each when the one
 * before it has ended, well or not. Its result, or its error, goes to who gave it.
 */
export function serially(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next
    return next
  }
}
