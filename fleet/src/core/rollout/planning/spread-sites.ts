/** Devices of one site apart from each other. */
import type { Member } from '../plan.ts'

/**
 * The same members so that consecutive ones are of different sites where the numbers allow it; the
 * first one differs from `before`, too. A site keeps its order. Devices without a site count as
 * being together.
 */
export function spreadSites(members: readonly Member[], before: Member | undefined): Member[] {
  const queues = [...Map.groupBy(members, ({ site }) => site)].map(([site, queue]) => ({
    site,
    queue,
    next: 0,
  }))
  if (queues.length < 2) return [...members]
  const spread: Member[] = []
  let last = before?.site
  while (spread.length < members.length) {
    const fullest = fullestBut(last, queues)
    const member = fullest?.queue[fullest.next]
    if (fullest === undefined || member === undefined) break
    fullest.next += 1
    last = fullest.site
    spread.push(member)
  }
  return spread
}

interface Queue {
  readonly site: string | null
  readonly queue: readonly Member[]
  next: number
}

/** The one with most devices left, so that none is left over at the end; `last` only if alone. */
function fullestBut(last: string | null | undefined, queues: readonly Queue[]): Queue | undefined {
  let found: Queue | undefined
  for (const queue of queues) {
    if (queue.next === queue.queue.length) continue
    if (found === undefined || found.site === last) found = queue
    else if (queue.site !== last && remaining(queue) > remaining(found)) found = queue
  }
  return found
}

function remaining({ queue, next }: Queue): number {
  return queue.length - next
}
