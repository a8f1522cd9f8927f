/** Runs `work` on every item, at most `limit` at once; results keep the order of the items. */
export async function inPool<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const queue = items.entries()
  const results: R[] = []
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}
