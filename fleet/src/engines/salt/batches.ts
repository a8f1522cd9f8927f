/** Messages to minions, gathered: those that are sent at the same time are one job of Salt. */

export interface Message {
  readonly id: string
  readonly content: unknown
}

interface Waiting<T extends Message> {
  readonly message: T
  readonly bytes: number
}

/** How long messages are gathered. */
const gatherMs = 20
/** Each minion gets, and returns, the messages to all others of the same job. */
const mostBytes = 16 * 1024

/** `send` gets messages to different minions. */
export function batches<T extends Message>(
  send: (messages: readonly T[]) => void,
): (message: T) => void {
  let gathered: Waiting<T>[] = []

  function flush(): void {
    const waiting = gathered
    gathered = []
    for (const batch of cutBatches(waiting)) send(batch.map(({ message }) => message))
  }
  return (message) => {
    const bytes = JSON.stringify(message.content).length
    if (gathered.push({ message, bytes }) === 1) setTimeout(flush, gatherMs)
  }
}

/** In their order; a large one is alone, and so is the second to the same minion. */
export function cutBatches<T extends Message>(
  waiting: readonly Waiting<T>[],
): readonly (readonly Waiting<T>[])[] {
  const cut: Waiting<T>[][] = []
  for (const each of waiting) {
    const batch = cut.at(-1) ?? []
    const size = batch.reduce((sum, { bytes }) => sum + bytes, each.bytes)
    const isSame = batch.some(({ message }) => message.id === each.message.id)
    if (batch.length === 0 || isSame || size > mostBytes) cut.push([each])
    else batch.push(each)
  }
  return cut
}
